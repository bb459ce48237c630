import { expect, test } from '@jest/globals';
import { fileHeaders } from '../src/routes/file-name.ts';

const named = (name: string) => fileHeaders('application/pdf', name)['Content-Disposition'];

test.each([
  [
    'Evening of songs 3D4VR-6HK2M.pdf',
    'Evening of songs 3D4VR-6HK2M.pdf',
    'Evening%20of%20songs%203D4VR-6HK2M.pdf',
  ],
  [
    'a"; filename=x.exe\r\nSet-Cookie: y.pdf',
    'a filename x.exe Set-Cookie y.pdf',
    'a%20%3B%20filename%3Dx.exe%20Set-Cookie%20y.pdf',
  ],
  ['../../etc/passwd.pdf', 'etc passwd.pdf', 'etc%20passwd.pdf'],
  ['Ångström’s (night)*.pdf', 'Angstrom s night.pdf', '%C3%85ngstr%C3%B6m%E2%80%99s%20%28night%29.pdf'],
  ['東京.ics', 'ticket.ics', '%E6%9D%B1%E4%BA%AC.ics'],
  ['‮fdp.exe .pdf', 'fdp.exe.pdf', 'fdp.exe.pdf'],
  ['///.pdf', 'ticket.pdf', 'ticket.pdf'],
])('%j is a safe name', (name, ascii, extended) => {
  expect(named(name)).toBe(`attachment; filename="${ascii}"; filename*=UTF-8''${extended}`);
});

test('a long name keeps its end, and no letter is cut', () => {
  const [, extended = ''] = /UTF-8''(.*)$/.exec(named(`${'🎉'.repeat(140)} 3D4VR-6HK2M.pdf`) ?? '') ?? [];
  const name = decodeURIComponent(extended);
  expect(name).toMatch(/^(🎉)+….*3D4VR-6HK2M\.pdf$/u);
  expect(Array.from(name).length).toBeLessThanOrEqual(104);
});
