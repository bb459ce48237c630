/** What a spreadsheet would take for a formula (OWASP, *CSV injection*), wide as East Asian keyboards write it too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
/** Where a spreadsheet that separates by something else would begin a cell with one. */
const INNER = /([;,|\t"]\s*)(?=[=+\-@＝＋－＠])/g;

/** Begins a file that Excel is to take for UTF-8. */
export const BOM = '\uFEFF';

/** A line of a spreadsheet (RFC 4180), each cell in quotes. What somebody typed stays text: an apostrophe before it says so. */
export const csvLine = (cells: readonly string[]): string =>
  `${cells.map((cell) => `"${asText(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;

/** Writes moments as a spreadsheet reads them, by the clocks of a zone: `2026-11-27 19:42:00`. */
export const csvTime = (timeZone: string): ((at: Date) => string) => {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (at) => local.format(at);
};

const asText = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell).replace(INNER, "$1'");
