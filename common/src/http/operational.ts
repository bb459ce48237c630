import { Router } from 'express';
import type { Metrics } from '../metrics.ts';

interface Settings {
  metrics: Metrics;
  ready(): Promise<boolean>;
  degraded(): readonly string[];
}

/** `/alive` (the process answers), `/health` (it can do its work; what it can do without is `degraded`), `/metrics`. */
export const operational = ({ metrics, ready, degraded }: Settings): Router => {
  const known = new Set(['bus']);
  return Router()
    .get('/alive', (_req, res) => {
      res.json({ status: 'alive' });
    })
    .get('/health', async (_req, res) => {
      const well = await ready().catch(() => false);
      res.status(well ? 200 : 503).json({ status: well ? 'ready' : 'unready', degraded: degraded() });
    })
    .get('/metrics', async (_req, res) => {
      const out = degraded();
      for (const engine of out) known.add(engine);
      for (const engine of known) metrics.gauge('degraded', { engine }, out.includes(engine) ? 1 : 0);
      metrics.gauge('bus_connected', {}, out.includes('bus') ? 0 : 1);
      res.setHeader('Content-Type', metrics.contentType);
      res.end(await metrics.render());
    });
};
