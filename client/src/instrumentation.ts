/** Called once when the server starts: a wrong configuration ends it with a sentence for each variable. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] === 'nodejs') (await import('./config.ts')).check();
}
