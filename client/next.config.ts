import { join } from 'node:path';
import type { NextConfig } from 'next';

/** Parameters that only the market has, and which of their values. */
const MARKETS: Record<string, string | undefined> = {
  min: undefined,
  max: undefined,
  available: undefined,
  cursor: undefined,
  sort: '(?:newest|oldest|cheapest|dearest)',
};

export default {
  // One folder with all that a pod needs, traced from the root of the workspace.
  output: 'standalone',
  outputFileTracingRoot: join(import.meta.dirname, '..'),
  turbopack: {
    root: join(import.meta.dirname, '..'),
    // From its source, as the services run it: nothing is built for the pages.
    resolveAlias: {
      '@ticketing/common/art': '../common/src/art.ts',
      '@ticketing/common/chargeable': '../common/src/chargeable.ts',
      '@ticketing/common/currency': '../common/src/currency.ts',
      '@ticketing/common/search': '../common/src/search.ts',
    },
  },
  // Where a browser looks when what it opened names no icon: an answer of the API, the page without a connection.
  rewrites: () => Promise.resolve([{ source: '/favicon.ico', destination: '/icon.svg' }]),
  // The market was the front page: what its links and bookmarks ask for there, nothing else does.
  redirects: () =>
    Promise.resolve([
      ...Object.entries(MARKETS).map(([key, value]) => ({
        source: '/',
        has: [{ type: 'query' as const, key, ...(value !== undefined && { value }) }],
        destination: '/market',
        permanent: true,
      })),
      // *My tickets* was what one sells.
      { source: '/tickets', destination: '/selling', permanent: true },
    ]),
  // `events` makes pictures in several widths, so nobody may have this server fetch and scale one: `/_next/image` is 404.
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run typecheck` looks at these files as well; a build in an image has no TypeScript.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
} satisfies NextConfig;
