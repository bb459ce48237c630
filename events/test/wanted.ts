/** An event as an organizer asks for it: a general pool, one of seats, and a tier of each. */
export const concert = (fields: object = {}) => ({
  title: 'Evening of songs',
  description: '# Songs\n\nBy *everybody*.',
  category: 'concert' as const,
  organizer: { name: 'The hall', address: 'Main street 1', taxNumber: 'CH-1' },
  venue: { name: 'Hall', city: 'Zürich', country: 'CH' },
  zone: 'Europe/Zurich',
  starts: '2096-12-24T19:00',
  ends: '2096-12-24T22:00',
  pools: [
    { capacity: 300 },
    {
      blocks: [
        {
          name: 'Stalls',
          rows: [
            { label: 'A', seats: 4 },
            { label: 'B', seats: 4, names: ['1', '2', '3', '3a'] },
          ],
        },
      ],
      held: [{ from: 0, to: 1 }],
      marks: [{ from: 7, to: 7, mark: 'accessible' as const }],
    },
  ],
  tiers: [
    { name: 'Standing', pool: 0, price: 2500, taxRate: 810 },
    { name: 'Seated', pool: 1, price: 5000 },
  ],
  ...fields,
});
