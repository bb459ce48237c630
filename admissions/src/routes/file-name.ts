/** What systems of files know as something else than a letter of a name, and what shows nothing or turns letters around. */
const NOT_IN_NAMES = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** With its end, in letters. */
const LONGEST = 100;

/** The headers of a file that is to be kept (RFC 6266): its name in any script, and for who reads ASCII alone. */
export function fileHeaders(type: string, name: string): Record<string, string> {
  const at = name.lastIndexOf('.');
  const [stem, end] = [name.slice(0, at).replace(NOT_IN_NAMES, ' '), name.slice(at)];
  const tidy = (text: string) => text.replace(/\s+/g, ' ').replace(/^[\s.]+|[\s.]+$/g, '');
  const short = tidy(stem).length > LONGEST ? tidy(ends(tidy(stem))) : tidy(stem);
  const ascii = tidy(
    short
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/[^\w .-]+/g, ' '),
  );
  const extended = encodeURIComponent(`${short || 'ticket'}${end}`).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${ascii || 'ticket'}${end}"; filename*=UTF-8''${extended}`,
    'Cache-Control': 'private, no-store',
  };
}

/** Its first and last letters: a number stands at the end. */
const ends = (text: string) => {
  const letters = Array.from(text);
  return letters.length <= LONGEST
    ? text
    : `${letters.slice(0, LONGEST - 20).join('')}…${letters.slice(-15).join('')}`;
};
