import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expanded, shortened } from '../../src/organize/labels.ts';
import { placesText, rangesOf, readPlaces, readRows, readSheet, rowsText } from '../../src/organize/rows.ts';

describe('labels', () => {
  test.each([
    ['A-E', ['A', 'B', 'C', 'D', 'E']],
    ['y-ab', ['y', 'z', 'aa', 'ab']],
    ['3, 5,7–9', ['3', '5', '7', '8', '9']],
    ['4-1', ['4', '3', '2', '1']],
    ['08-11', ['08', '09', '10', '11']],
    ['Box 1, A-1', ['Box 1', 'A-1']],
    ['"1-3",4', ['1-3', '4']],
    [' , ', []],
  ])('%s', (typed, meant) => expect(expanded(typed)).toEqual(meant));

  test('are written in short', () => {
    expect(shortened(['A', 'B', 'C', 'E', '3', '5', '7', '8', '9'])).toBe('A-C,E,3,5,7-9');
    expect(shortened(['1-3', 'a, b'])).toBe('"1-3","a, b"');
  });

  test('written in short, are read as the same', () => {
    const label = fc.oneof(
      fc.nat({ max: 60 }).map(String),
      fc.constantFrom(
        'A',
        'B',
        'C',
        'Z',
        'AA',
        'a',
        'b',
        'Box 1',
        'A-1',
        '1-3',
        'x, y',
        '007',
        '08',
        '09',
        '10',
      ),
    );
    fc.assert(
      fc.property(fc.array(label, { minLength: 1, maxLength: 30 }), (labels) =>
        expect(expanded(shortened(labels))).toEqual(labels),
      ),
    );
  });
});

describe('rows', () => {
  test('are typed by ranges, with a number of seats or their names', () => {
    expect(readRows('A-C: 20\nJ: 1-18\n\nK\t3,5,7-9\nL: 7-7')).toEqual({
      value: [
        { label: 'A', seats: 20 },
        { label: 'B', seats: 20 },
        { label: 'C', seats: 20 },
        { label: 'J', seats: 18 },
        { label: 'K', seats: 5, names: ['3', '5', '7', '8', '9'] },
        { label: 'L', seats: 1, names: ['7'] },
      ],
    });
  });

  test.each([
    ['', 'must have a row, such as “A: 20”'],
    ['A: 20\nB', 'must be like “A-H: 20” (line 2)'],
    [': 20', 'must be like “A-H: 20” (line 1)'],
    ['A: 0', 'must have 1 to 500 seats in a row (line 1)'],
    ['A-C: 4\n\nB: 5', 'must have row B once (line 3)'],
    ['A: 3,4,3', 'must have seat 3 of a row once (line 1)'],
  ])('%j is told to be wrong', (typed, wrong) => expect(readRows(typed)).toEqual({ wrong }));

  test('are written as they would be typed', () => {
    const typed = 'A-C: 20\nJ: 18\nK: 3,5,7-9\nL: 7-7\n"M:1": 2';
    const { value } = readRows(typed) as { value: [] };
    expect(rowsText(value)).toBe(typed);
  });
});

describe('places', () => {
  const { value: rows } = readRows('A-C: 4\nD: 3,5,7') as Exclude<
    ReturnType<typeof readRows>,
    { wrong: string }
  >;

  test('are typed by rows and seats, and counted in their pool', () => {
    expect(readPlaces('A: 1-2\nC\nD: 5', rows, 100)).toEqual({ value: [100, 101, 108, 109, 110, 111, 113] });
    expect(readPlaces('', rows, 0)).toEqual({ value: [] });
  });

  test.each([
    ['E', 'must be rows of the block: there is no E (line 1)'],
    ['A: 1\nA: 5', 'must be seats of row A: there is no 5 (line 2)'],
  ])('%j is told to be wrong', (typed, wrong) => expect(readPlaces(typed, rows, 0)).toEqual({ wrong }));

  test('are written as they would be typed, whatever they are', () => {
    expect(placesText([{ from: 100, to: 107 }], rows, 100)).toBe('A,B');
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 10, max: 24 })), (places) => {
        const ranges = rangesOf(places);
        expect(readPlaces(placesText(ranges, rows, 10), rows, 10)).toEqual({
          value: [...places].sort((a, b) => a - b),
        });
      }),
    );
  });
});

describe('a sheet', () => {
  test('has a block, a row and its seats in each line, under its head', () => {
    expect(readSheet('Block\tRow\tSeats\nStalls\tA\t20\nStalls\tB\t20\nBalcony\tA\t1-18\n')).toEqual([
      { name: 'Stalls', rows: 'A,B: 20' },
      { name: 'Balcony', rows: 'A: 1-18' },
    ]);
  });
  test('or a line for each seat', () => {
    expect(readSheet('Stalls\tA\t1\nStalls\tA\t2\nStalls\tA\t3\nStalls\tB\t7\nStalls\tB\t9')).toEqual([
      { name: 'Stalls', rows: 'A: 1-3\nB: 7,9' },
    ]);
  });
  test.each(['A: 20', 'A\t20', 'Stalls\tA\t20\nB\t20', ''])('%j is none', (text) =>
    expect(readSheet(text)).toBeUndefined(),
  );
});
