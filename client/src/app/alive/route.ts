/** For probes: the process answers. */
export const GET = (): Response => new Response('ok', { headers: { 'Cache-Control': 'no-store' } });
