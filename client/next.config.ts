import { join } from 'node:path';
import type { NextConfig } from 'next';

export default {
  // One folder with all that a pod needs, traced from the root of the workspace.
  output: 'standalone',
  outputFileTracingRoot: join(import.meta.dirname, '..'),
  turbopack: {
    root: join(import.meta.dirname, '..'),
    // From its source, as the services run it: nothing is built for the pages.
    resolveAlias: {
      '@ticketing/common/chargeable': '../common/src/chargeable.ts',
      '@ticketing/common/currency': '../common/src/currency.ts',
      '@ticketing/common/search': '../common/src/search.ts',
    },
  },
  // Where a browser looks when what it opened names no icon: an answer of the API, the page without a connection.
  rewrites: () => Promise.resolve([{ source: '/favicon.ico', destination: '/icon.svg' }]),
  // No page shows a photograph, so nobody may have this server fetch and scale one: `/_next/image` is 404.
  images: { unoptimized: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run typecheck` looks at these files as well; a build in an image has no TypeScript.
  typescript: { ignoreBuildErrors: true },
  devIndicators: false,
} satisfies NextConfig;
