import { expect, test } from '@jest/globals';
import { inBrowser, sees, sell } from '../browser/harness.ts';

const RAN = 'globalThis.ran = true';
/** What would run or break out where a text is taken for markup, for a part of an attribute, or of a script. */
const TEXTS = [
  `<img src=x onerror="${RAN}">`,
  `"><script>${RAN}</script>`,
  `</script><script>${RAN}</script>`,
  `' onmouseover='${RAN}' x='`,
  `{{constructor.constructor("${RAN}")()}}`,
  '\u202egnp.exe \u2066x',
];

inBrowser("a seller's texts", (world) => {
  test('are texts on every page that shows them, and no script but ours could run', async () => {
    const { page, context } = await world.person();
    const seller = await world.elsewhere();
    const titles = TEXTS.map((text) => text.slice(0, 140));
    const ids: string[] = [];
    for (const title of titles) ids.push((await sell(seller, { title, description: title })).id);
    const mine = await context.request.post('/api/tickets', {
      data: { title: titles[0], price: 2500, description: titles[1] },
    });
    expect(mine.status()).toBe(201);
    const pages = ['/', '/market', '/market?q=script', ...ids.map((id) => `/tickets/${id}`), '/selling'];
    for (const path of pages) {
      const response = await page.goto(path);
      expect(response?.headers()['content-security-policy']).toMatch(
        /script-src 'self' 'nonce-[^']+' 'strict-dynamic';/,
      );
      await sees(page.getByRole('main'));
      expect([path, await page.evaluate('globalThis.ran')]).toEqual([path, undefined]);
      expect(await page.locator('img[src="x"]').count()).toBe(0);
    }
    await page.goto(`/tickets/${ids[0]}`);
    await sees(page.getByRole('heading', { name: titles[0] ?? '' }));
    expect(await page.title()).toContain(titles[0]);
  });
});
