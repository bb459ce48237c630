// `npm ci` runs this everywhere: where nobody commits there are no hooks, and no reason to fail.
if (process.env.CI !== 'true' && process.env.NODE_ENV !== 'production') {
  const husky = await import('husky').catch(() => undefined);
  husky?.default();
}
