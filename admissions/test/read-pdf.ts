import { getDocumentProxy } from 'unpdf';

/** What a reader finds on a page: texts in the order in which they are read, and where each begins, in points from the left. */
export async function readPdf(bytes: Uint8Array) {
  const pdf = await getDocumentProxy(new Uint8Array(bytes));
  const pages = [];
  for (let n = 1; n <= pdf.numPages; n += 1) {
    const { items } = await (await pdf.getPage(n)).getTextContent();
    const texts = items.flatMap((item) =>
      'str' in item && item.str.trim() !== '' ? [{ text: item.str, x: Number(item.transform[4]) }] : [],
    );
    pages.push({
      texts,
      whole: items.map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : '')).join(''),
    });
  }
  const { info } = await pdf.getMetadata();
  return { pages, title: (info as { Title?: string }).Title };
}
