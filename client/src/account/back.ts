/** Where a visitor wants to be after signing in: a path of this origin, else *What’s on*. */
export function backTo(to: string | string[] | undefined): string {
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to)) return '/';
  const url = new URL(to, 'http://here');
  const path = url.pathname + url.search;
  // `/.//evil` is a path of this origin that becomes `//evil`.
  return url.host === 'here' && !path.startsWith('//') ? path : '/';
}
