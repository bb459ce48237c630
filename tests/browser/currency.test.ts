import { expect, test } from '@jest/globals';
import { eventually } from '@ticketing/common/testing';
import { orderFor } from '@ticketing/suite/api';
import { inBrowser, sees, type Ticket } from './harness.ts';

inBrowser(
  'a market in another currency',
  (world) => {
    test('sells, charges and reports in it, from what is typed to what was earned', async () => {
      const { page } = await world.person();
      await page.goto('/sell');
      const price = page.getByLabel('Price of one, in Japanese yen');
      for (const [typed, shown] of [
        ['25.5', '25.5'],
        ['2500', '¥2,500'],
      ] as const) {
        await price.fill(typed);
        await price.blur();
        expect(await price.inputValue()).toBe(shown);
      }
      await page.getByLabel('What is it a ticket for?').fill('Kabuki');
      await page.getByRole('button', { name: 'Put on sale', exact: true }).click();
      await sees(page.getByText('¥2,500'));
      await page.goto('/market?min=2000&max=3000');
      await sees(page.getByRole('listitem').filter({ hasText: 'Kabuki' }).getByText('¥2,500'));

      const buyer = await world.elsewhere();
      const { body: found } = await buyer.get<(Ticket & { currency: string })[]>('/api/tickets?q=kabuki');
      expect(found).toMatchObject([{ price: 2500, currency: 'jpy' }]);
      const orderId = await eventually(async () => {
        const { status, body } = await buyer.post<{ id: string }>('/api/orders', orderFor([found[0]!.id]));
        expect(status).toBe(201);
        return body.id;
      });
      await eventually(async () => {
        const paid = await buyer.post('/api/payments', { orderId, paymentMethod: 'pm_card_visa' });
        expect(paid).toMatchObject({ status: 201, body: { amount: 2500, currency: 'jpy' } });
      });
      await page.goto('/selling');
      await sees(page.getByText(/: ¥2,500, 1 sold/));
      await page.goto(`/orders/${orderId}`);
      await sees(page.getByText('¥2,500 JPY'));
    });
  },
  { shapes: ['monolith'], settings: () => ({ CURRENCY: 'jpy' }) },
);
