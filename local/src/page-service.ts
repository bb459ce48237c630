import { Router } from 'express';
import { z } from 'zod';
import { defineService } from '@ticketing/common/service';
import { pages, sandboxDoor } from './page/page.ts';

/** The embedded platform's own routes: the first page, and the browser's part of the payment sandbox. */
export const localRoutes = (sandboxUrl: string | undefined): Router => {
  const router = Router().use(pages());
  return sandboxUrl === undefined ? router : router.use(sandboxDoor(sandboxUrl));
};

export const pageService = (sandboxUrl: string | undefined) =>
  defineService({
    name: 'page',
    config: z.object({}),
    database: false,
    setup: () => ({ routes: localRoutes(sandboxUrl) }),
  });
