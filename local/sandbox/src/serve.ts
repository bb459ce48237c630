import type { Request, Response } from 'express';
import { randomUUID } from 'node:crypto';
import { apiError, type ApiError } from './errors.ts';
import type { FaultBox } from './faults.ts';
import { answer, type Answer, type Once } from './idempotency.ts';

export type Handler = (req: Request<{ id: string }>, idempotencyKey: string) => Promise<ApiError | object>;

export const send = (res: Response, { status, body, replayed }: Answer & { replayed?: true }) => {
  if (replayed) res.set('idempotent-replayed', 'true');
  res.status(status).json(body);
};

/** Faults, idempotency and sending, once for every endpoint. */
export const serve =
  (once: Once, faults: FaultBox) =>
  (handler: Handler) =>
  async (req: Request<{ id: string }>, res: Response): Promise<void> => {
    const at = `${req.method} ${req.originalUrl}`;
    const before = faults.take('error', at, ({ after }) => !after);
    if (before) return send(res, answer(apiError(before.status)));
    const idempotencyKey = req.get('idempotency-key') ?? randomUUID();
    const work = async (): Promise<Answer> => {
      await faults.delay(at);
      const result = answer(await handler(req, idempotencyKey));
      const after = faults.take('error', at, (fault) => fault.after);
      return after ? answer(apiError(after.status)) : result;
    };
    const request = [req.originalUrl, req.body ?? {}];
    const result = req.method === 'POST' ? await once(idempotencyKey, request, work) : await work();
    if (faults.take('drop', at)) return void req.socket.destroy();
    send(res, result);
  };
