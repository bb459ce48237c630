import { performance } from 'node:perf_hooks';
import { afterAll, describe, expect, test } from '@jest/globals';
import { isRejection } from '@ticketing/common/rejection';
import { systemClock } from '@ticketing/common/runtime';
import { eventually } from '@ticketing/common/testing';
import { press } from '../src/paper/press.ts';
import type { Paper } from '../src/paper/ticket.ts';
import { readPdf } from './read-pdf.ts';

const prints = press({ clock: systemClock });
afterAll(() => prints.close());

const paper = (given: Partial<Paper> = {}): Paper => ({
  head: 'Ticket',
  title: 'Evening of songs',
  when: 'Saturday, November 28, 2026, 8:00 – 11:00 PM',
  zone: 'Central European Standard Time (Europe/Zurich)',
  venue: 'Hall',
  address: 'Bern',
  details: [{ label: 'Name', value: 'Ada' }],
  code: `A${'Z7'.repeat(74)}`,
  note: 'Show this code at the door.',
  organizer: 'The hall',
  ...given,
});
let calls = 0;
const file = async (papers: Paper[], caller = `caller ${calls++}`, key = `key ${calls++}`) => {
  const drawn = await prints.file(caller, key, () => papers);
  if (isRejection(drawn)) throw new Error(drawn.message);
  return drawn;
};
const read = async (given: Partial<Paper>) => {
  const { pages } = await readPdf(await file([paper(given)]));
  return pages[0]!;
};

describe('what people wrote comes out of a ticket as it went in', () => {
  test.each([
    ['Latin', 'Žluťoučký kůň & Ångström – “ça va”', 'Zoë Müller'],
    ['Vietnamese', 'Đêm nhạc Trịnh Công Sơn', 'Nguyễn Thị Ánh Tuyết'],
    ['Greek', 'Βραδιά τραγουδιών στην Αθήνα', 'Ελένη'],
    ['Cyrillic', 'Вечір пісень: Щедрик і ґанок', 'Їжакевич'],
    ['Arabic', 'مهرجان الموسيقى العربية', 'محمد بن عبد الله'],
    ['Arabic ligatures', 'لا سلام إلا الإسلام', 'آلاف الأوبرا'],
    ['Persian', 'شب موسیقی گچ و پژواک', 'ژاله'],
    ['Hebrew', 'ערב שירים', 'נועה כהן'],
    ['Chinese', '北京音乐之夜：春天', '王小明'],
    ['Japanese', '東京の夜の音楽会', '山田 太郎'],
    ['Korean', '서울 음악의 밤: 봄의 노래', '김민수'],
    ['emoji', '🎉 Party 👨‍👩‍👧 🇨🇭 👍🏽', '😀'],
  ])('in %s', async (_, title, name) => {
    const { whole } = await read({ title, details: [{ label: 'Name', value: name }] });
    expect(whole).toContain(title);
    expect(whole).toContain(name);
  });

  test('also where one letter looks like that of another script', async () => {
    const { whole } = await read({ title: 'A А Α B В Β', venue: 'ΑΒΓ АБВ ABC' });
    expect(whole).toContain('A А Α B В Β');
    expect(whole).toContain('ΑΒΓ АБВ ABC');
  });

  test('of another ticket it takes nothing', async () => {
    await read({ title: 'Å Ç É' });
    expect((await read({ title: 'Ada, Cid, Eve' })).whole).toContain('Ada, Cid, Eve');
  });
});

describe('mixed directions', () => {
  test('are seen in the order in which they are read: from the right in Hebrew', async () => {
    const { texts } = await read({ title: 'ערב עם Ada (חלק 2)' });
    const at = (word: string) => texts.find(({ text }) => text.includes(word))!.x;
    expect(at('ערב')).toBeGreaterThan(at('Ada'));
    expect(at('Ada')).toBeGreaterThan(at('חלק'));
    expect(at('חלק')).toBeGreaterThan(at('2'));
  });

  test('from the left in English, digits of every script from the left', async () => {
    const { texts, whole } = await read({ title: 'Ada meets ערב שירים tonight', venue: '٤٥', zone: '۱۲۳' });
    const at = (word: string) => texts.find(({ text }) => text.includes(word))!.x;
    expect(at('Ada')).toBeLessThan(at('ערב'));
    expect(at('ערב')).toBeLessThan(at('tonight'));
    expect(whole).toContain('٤٥');
    expect(whole).toContain('۱۲۳');
  });
});

test('a ticket of the longest words is one page, and nothing is left out', async () => {
  const long = 'Donaudampfschifffahrtsgesellschaft '.repeat(9);
  const { pages } = await readPdf(
    await file([
      paper({
        title: long.slice(0, 140).trim(),
        address: 'Street\n'.repeat(8).trim(),
        details: Array.from({ length: 8 }, (_, n) => ({ label: `L${n}`, value: long.slice(0, 90).trim() })),
        organizer: `${'Street\n'.repeat(7)}Tax number 12345`,
      }),
    ]),
  );
  expect(pages).toHaveLength(1);
  expect(pages[0]?.whole).toContain('Tax number 12345');
});

test('ten tickets are ten pages and less than 500 kB, each with its code', async () => {
  const ten = Array.from({ length: 10 }, (_, n) => paper({ head: `Ticket ${n + 1} of 10` }));
  const bytes = await file(ten);
  expect(bytes.length).toBeLessThan(500_000);
  const { pages, title } = await readPdf(bytes);
  expect(pages.map(({ whole }) => /Ticket \d+ of 10/.exec(whole)?.[0])).toEqual(ten.map(({ head }) => head));
  expect(title).toBe('Evening of songs');
});

test('the event loop has its time to itself while tickets are drawn', async () => {
  const many = Array.from({ length: 60 }, (_, n) => paper({ title: `Evening ${n}` }));
  await file([paper()]);
  const before = performance.eventLoopUtilization();
  await file(many);
  const { active, idle } = performance.eventLoopUtilization(before);
  expect(active).toBeLessThan(idle);
});

describe('what is at work is bounded', () => {
  test('the same file is drawn once, also for who asks while it is', async () => {
    const [one, another] = await Promise.all([
      file([paper()], 'ada', 'the same'),
      file([paper()], 'ada', 'the same'),
    ]);
    expect(another).toBe(one);
    expect(await file([], 'ben', 'the same')).toBe(one);
  });

  test('who has two of theirs drawn waits with a third, others do not', async () => {
    const ask = (caller: string, n: number) => prints.file(caller, `of ${caller} ${n}`, () => [paper()]);
    const asked = [ask('eve', 0), ask('eve', 1), ask('eve', 2), ask('bob', 0)];
    const [, , third, other] = await Promise.all(asked);
    expect(third).toMatchObject({ code: 'too-many', retryAfter: 2 });
    expect(other).toBeInstanceOf(Uint8Array);
    expect(await ask('eve', 2)).toBeInstanceOf(Uint8Array);
  });

  test('of all so many are taken, and the next is told when to come again', async () => {
    const asked = Array.from({ length: 33 }, (_, n) => prints.file(`c${n}`, `all ${n}`, () => [paper()]));
    const drawn = await Promise.all(asked);
    expect(drawn.at(-1)).toMatchObject({ code: 'unavailable', retryAfter: 2 });
    expect(drawn.slice(0, -1).every((one) => one instanceof Uint8Array)).toBe(true);
  });

  test('without work for a while its thread is let go, and is there again for the next', async () => {
    const brief = press({ clock: systemClock, idleFor: 10 });
    const drawn = await brief.file('ada', 'once', () => [paper()]);
    await eventually(() => !brief.atWork());
    expect(await brief.file('ada', 'once', () => [paper()])).not.toBe(drawn);
    await brief.close();
  });

  test('what waits when its thread is closed is told so', async () => {
    const closing = press({ clock: systemClock });
    const drawn = closing.file('ada', 'closed', () => [paper()]);
    await closing.close();
    await expect(drawn).rejects.toThrow('cannot be drawn right now');
  });

  test('a drawing that fails is told, and holds up no other', async () => {
    await expect(file([paper({ code: '☹'.repeat(5000) })])).rejects.toThrow('could not be drawn');
    expect((await read({ title: 'Next' })).whole).toContain('Next');
  });
});
