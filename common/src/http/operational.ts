import { Router } from 'express';
import type { Metrics } from '../metrics.ts';

interface Settings {
  metrics: Metrics;
  ready(): Promise<boolean>;
  degraded(): readonly string[];
}

/** `/alive` (the process answers), `/health` (it can do its work; what it can do without is `degraded`), `/metrics`. */
export const operational = ({ metrics, ready, degraded }: Settings): Router =>
  Router()
    .get('/alive', (_req, res) => {
      res.json({ status: 'alive' });
    })
    .get('/health', async (_req, res) => {
      const well = await ready().catch(() => false);
      res.status(well ? 200 : 503).json({ status: well ? 'ready' : 'unready', degraded: degraded() });
    })
    .get('/metrics', async (_req, res) => {
      metrics.gauge('bus_connected', {}, degraded().includes('bus') ? 0 : 1);
      res.setHeader('Content-Type', metrics.contentType);
      res.end(await metrics.render());
    });
