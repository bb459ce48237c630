import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@ticketing/common/testing';
import { type RunningEngine, startNats } from '@ticketing/engines/run';
import { inBrowser, sees, seesNo, sell } from './harness.ts';

/** The broker is the test's own, so that it can kill it. */
let nats: RunningEngine;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ticketing-browser-'));
  nats = await startNats({ dataDir: join(home, 'nats') });
});
afterAll(async () => {
  await nats.stop();
  await rm(home, { recursive: true, force: true });
});

inBrowser(
  'a page that is open',
  (world, shape) => {
    const atPayment = async () => {
      const [buyer, seller] = [await world.person(), await world.elsewhere()];
      const ticket = await sell(seller);
      await buyer.page.goto(`/tickets/${ticket.id}`);
      await buyer.page.getByRole('button', { name: 'Reserve for $25.00' }).click();
      await sees(buyer.page.getByRole('button', { name: 'Pay $25.00' }));
      return { ...buyer, ticket };
    };
    const kill = async (service: string) => process.kill(await world.suite.pidOf(service), 'SIGKILL');

    test('goes on while the pages are away, and leads to the next one when they are back', async () => {
      const [somebody, seller] = [await world.person(), await world.elsewhere()];
      const { page } = somebody;
      somebody.tolerates(/Failed to fetch RSC payload/);
      await page.goto('/market?q=interlude');
      await sees(page.getByRole('heading', { name: 'No ticket fits' }));
      await kill('client');
      await page.getByRole('link', { name: 'Orders' }).click();
      await sees(page.getByRole('heading', { name: 'No orders yet' }));
      await page.goBack();
      await sell(seller, { title: 'Interlude' });
      await sees(page.getByRole('heading', { name: 'Interlude' }));
    });

    test('says that nobody answers, and catches up by itself', async () => {
      const [somebody, seller] = [await world.person(), await world.elsewhere()];
      const { page, context } = somebody;
      const ticket = await sell(seller, { title: 'Before and after' });
      await page.goto('/market?q=before');
      const card = page.getByRole('listitem').filter({ hasText: 'Before and after' });
      await sees(card.getByText('$25.00'));
      await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
      await world.suite.stop();
      await sees(page.getByText('Not connected at the moment.'));
      const other = await context.newPage();
      await other.goto('/orders');
      await sees(other.getByRole('heading', { name: 'No connection' }));
      await world.suite.startAgain();
      expect((await seller.patch(`/api/tickets/${ticket.id}`, { price: 2600 })).status).toBe(200);
      await sees(card.getByText('$26.00'));
      await seesNo(page.getByText('Not connected at the moment.'));
      await other.getByRole('link', { name: 'Try again' }).click();
      await sees(other.getByRole('heading', { name: 'No orders yet' }));
    });

    if (shape === 'monolith') return;

    test.each([
      ['auth', 'users'],
      ['tickets', 'tickets'],
      ['orders', 'orders'],
      ['payments', 'payments'],
    ])('outlives the end of %s: what is paid is paid', async (service, path) => {
      const [buyer, third] = [await atPayment(), await world.stranger()];
      await third.page.goto(`/tickets/${buyer.ticket.id}`);
      await sees(third.page.getByText('Reserved', { exact: true }));
      await kill(service);
      // It may take a while to come back; then the page asks to try again.
      const paid = buyer.page.getByRole('heading', { name: 'It is yours' });
      const pay = buyer.page.getByRole('button', { name: 'Pay $25.00' });
      const refusal = buyer.page.getByRole('main').getByRole('alert');
      do {
        await pay.click();
        await sees(buyer.page.getByText('Thank you.').or(paid).or(refusal).first());
      } while (await refusal.isVisible());
      await sees(paid, third.page.getByText('Sold', { exact: true }));
      await eventually(async () => (await fetch(`${world.suite.origin}/api/${path}/openapi.json`)).ok);
    });

    test('shows what happened while the broker was away, when it is back', async () => {
      const { page, ticket } = await atPayment();
      const third = await world.stranger();
      await third.page.goto(`/tickets/${ticket.id}`);
      await sees(third.page.getByText('Reserved', { exact: true }));
      await nats.kill();
      await page.getByRole('button', { name: 'Pay $25.00' }).click();
      await sees(page.getByText('Thank you. The payment is being confirmed.'));
      await page.reload();
      await sees(page.getByText('Thank you. The payment is being confirmed.'));
      await page.getByRole('button', { name: 'Cancel the order' }).click();
      await sees(page.getByText('You get $25.00 back.'));
      await page.getByRole('button', { name: 'Keep it' }).click();
      await nats.restart();
      await sees(
        page.getByRole('heading', { name: 'It is yours' }),
        third.page.getByText('Sold', { exact: true }),
      );
    });
  },
  {
    settings: () => ({ NATS_URL: nats.url, PAYMENT_RECOVERY_SECONDS: '3' }),
    // What a browser says while nobody answers, also of a script that it asks for later.
    tolerates: [
      /net::ERR_(CONNECTION_\w+|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/,
      /\b50[23]\b/,
      /MIME type .* is not executable/,
    ],
  },
);
