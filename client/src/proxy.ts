import { type NextRequest, NextResponse } from 'next/server';
import { config as settings, tokenKeys } from './config.ts';
import { shown } from './session/cookies.ts';
import { judge, newest } from './session/token.ts';

/** In front of every page: exchanges an expired access token, and sets what a browser may do with the page. */
export function proxy(request: NextRequest): NextResponse {
  const cookies = shown(request.headers.get('cookie'), settings().PUBLIC_ORIGIN);
  const meaning = judge(newest(cookies.session, tokenKeys()), cookies, Date.now());
  const { pathname, search } = request.nextUrl;
  if (meaning === 'exchange' && request.method === 'GET') {
    // Only `auth` sees the refresh token. It answers with new cookies and sends the browser back here.
    const refresh = new URL('/api/users/refresh', request.url);
    refresh.searchParams.set('to', pathname + search);
    // Next sends the path alone, whatever host this server believes to have.
    return NextResponse.redirect(refresh, { headers: { 'Cache-Control': 'no-store' } });
  }
  const nonce = btoa(crypto.randomUUID());
  const policy = contentPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  for (const [name, value] of HEADERS) response.headers.set(name, value);
  if (settings().PUBLIC_ORIGIN.startsWith('https:'))
    response.headers.set('Strict-Transport-Security', 'max-age=63072000; includeSubDomains');
  return response;
}

const HEADERS = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  [
    'Permissions-Policy',
    'camera=(), microphone=(), geolocation=(), browsing-topics=(), payment=(self "https://js.stripe.com")',
  ],
] as const;

/** Scripts and styles of this page alone; with a Stripe key also what Stripe.js needs, as Stripe documents it. */
function contentPolicy(nonce: string): string {
  const stripe = settings().NEXT_PUBLIC_STRIPE_KEY !== undefined;
  const dev = process.env.NODE_ENV === 'development';
  const policy: Record<string, string> = {
    'default-src': "'none'",
    'script-src': `'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    'style-src': `'self' ${dev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    'img-src': "'self' data: blob:",
    'font-src': "'self'",
    'connect-src': `'self'${stripe ? ' https://api.stripe.com' : ''}${dev ? ' ws:' : ''}`,
    'frame-src': stripe ? 'https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com' : "'none'",
    'worker-src': "'self'",
    'manifest-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}

/** Whatever is not one of the files that are the same for everybody. */
export const config = {
  matcher: [
    '/((?!_next/static/|alive$|sw\\.js$|icon\\.svg$|favicon\\.ico$|opengraph-image$|robots\\.txt$|offline\\.(?:html|css|js)$).*)',
  ],
};
