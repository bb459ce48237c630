import { expect, test } from '@jest/globals';
import { EventBody } from '../src/routes/bodies.ts';
import { concert } from './wanted.ts';

test.each(['', 'D', 'DEU', 'de', 'ZZ', 'AA', '12'])(
  'a country of %j is refused, once and by name',
  (country) => {
    const { error } = EventBody.safeParse(concert({ venue: { name: 'Hall', city: 'Bern', country } }));
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['venue.country']);
  },
);
