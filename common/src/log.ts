import { type Logger, pino } from 'pino';
import { traceId } from './trace.ts';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** JSON lines on standard output, each with its trace. Bodies, tokens, cookies and card data are never handed to it. */
export const createLog = (name: string, level: (typeof LOG_LEVELS)[number]): Log =>
  pino({
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => (traceId() === undefined ? {} : { traceId: traceId() }),
    redact: {
      paths: ['*.password', '*.authorization', '*.cookie', '*.token', '*.clientSecret'],
      censor: '[secret]',
    },
  });

export const silentLog: Log = pino({ level: 'silent' });
