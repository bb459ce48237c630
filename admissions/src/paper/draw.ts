import PDFDocument from 'pdfkit';
import { encode } from 'uqr';
import { fontCalled, type FontName, type Weight } from './fonts.ts';
import { type Line, linesOf, type Run } from './lines.ts';
import type { Paper } from './ticket.ts';

/** A4, in points. */
const SHEET = { width: 595.28, height: 841.89 };
const MARGIN = 56;
const WIDTH = SHEET.width - 2 * MARGIN;
const INK = '#1a1a1a';
const PALE = '#5c5c5c';
const RULE = '#c9c9c9';

/** Squares of white that a code has on each side (ISO/IEC 18004). */
const QUIET = 4;
/** With its quiet zone, in points: 85 mm. */
const CODE = 241;
const INSIDE = 20;

interface Style {
  weight?: Weight;
  size: number;
  colour?: string;
  width?: number;
  /** Begins at the left in whatever direction it runs, as what stands under a label. */
  fromLeft?: boolean;
}

type Document = InstanceType<typeof PDFDocument>;

/** A PDF of tickets, one on a page. */
export async function draw(papers: readonly Paper[]): Promise<Buffer> {
  const doc = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    font: '',
    lang: 'en-US',
    tagged: true,
    displayTitle: true,
    pdfVersion: '1.7',
    info: { Title: papers[0]?.title ?? '', Creator: 'Ticketing', Producer: 'Ticketing' },
  });
  const parts: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (part: Buffer) => void parts.push(part));
    doc.on('end', () => resolve(Buffer.concat(parts)));
    doc.on('error', reject);
  });
  const writing = writer(doc);
  for (const paper of papers) drawTicket(doc, writing, paper);
  doc.end();
  return whole;
}

function drawTicket(doc: Document, writing: ReturnType<typeof writer>, paper: Paper) {
  doc.addPage();
  const ticket = doc.struct('Sect', { title: paper.title });
  doc.addStructure(ticket);
  const height = compose(paper, writing());
  const scale = Math.min(1, (SHEET.height - MARGIN / 2) / height);
  doc.scale(scale, scale, { origin: [SHEET.width / 2, 0] });
  compose(paper, writing(ticket), {
    code: (x, y) => drawCode(doc, ticket, paper.code, x, y),
    box(top, bottom) {
      doc.markContent('Artifact', { type: 'Layout' });
      doc.roundedRect(MARGIN, top, WIDTH, bottom - top, 12);
      doc.lineWidth(1).strokeColor(RULE).stroke();
      doc.endMarkedContent();
    },
  });
  ticket.end();
}

interface Drawing {
  code(x: number, y: number): void;
  box(top: number, bottom: number): void;
}

/** Puts a ticket together from the top, and answers with how high it is; without a drawing it is only measured. */
function compose(paper: Paper, write: Writing, drawing?: Drawing): number {
  let y = write(paper.head, MARGIN, MARGIN, { size: 10, colour: PALE });
  y = write.heading(paper.title, MARGIN, y + 10);
  y = write(paper.when, MARGIN, y + 12, { size: 14 });
  y = write(paper.zone, MARGIN, y, { size: 10, colour: PALE });
  y = write(paper.venue, MARGIN, y + 10, { size: 14 });
  y = write(paper.address, MARGIN, y, { size: 10, colour: PALE });

  const top = y + 24;
  const left = MARGIN + INSIDE + CODE + INSIDE;
  const width = SHEET.width - MARGIN - INSIDE - left;
  drawing?.code(MARGIN + INSIDE, top + INSIDE);
  let below = top + INSIDE + 6;
  for (const { label, value } of paper.details) {
    below = write(label, left, below, { size: 9, colour: PALE, width });
    below = write(value, left, below, { size: 13, weight: 'bold', width, fromLeft: true }) + 10;
  }
  const bottom = Math.max(top + INSIDE + CODE, below) + INSIDE;
  drawing?.box(top, bottom);

  y = write(paper.note, MARGIN, bottom + 16, { size: 10 });
  return write(paper.organizer, MARGIN, y + 16, { size: 9, colour: PALE });
}

type Structure = ReturnType<Document['struct']>;

/** In vectors, sharp at every size. One path, so that no hair of white is between the squares. */
function drawCode(doc: Document, ticket: Structure, code: string, x: number, y: number) {
  const { data, size } = encode(code, { ecc: 'M', border: 0 });
  const unit = CODE / (size + 2 * QUIET);
  const content = doc.markStructureContent('Figure');
  for (const [row, squares] of data.entries())
    for (let from = 0; from < size; from += 1) {
      let to = from;
      while (squares[to]) to += 1;
      if (to > from) doc.rect(x + (QUIET + from) * unit, y + (QUIET + row) * unit, (to - from) * unit, unit);
      from = to;
    }
  doc.fillColor('#000000').fill();
  doc.endMarkedContent();
  const alt = 'The QR code that is read at the door';
  ticket.add(doc.struct('Figure', { alt }, [content]));
}

const LEADING = 1.3;
/** A title is as large as three lines of it allow. */
const TITLE = [28, 22, 17];
const SMALLEST = 13;

type Writing = ReturnType<ReturnType<typeof writer>>;

/** What writes text of any script into a ticket, or only measures it; each answers with the place below. */
function writer(doc: Document) {
  const known = new Map<string, Line[]>();
  const registered = new Set<FontName>();
  const use = ({ font }: Run, size: number) => {
    // A parsed font is taken as well as its bytes, and parsed once for all documents.
    if (!registered.has(font)) doc.registerFont(font, fontCalled(font) as unknown as Buffer);
    registered.add(font);
    return doc.font(font).fontSize(size);
  };
  const widthOf = (run: Run, size: number) => use(run, size).widthOfString(run.text, { features: [] });
  /** Tickets of an order say much the same. */
  const broken = (text: string, { weight = 'regular', size, width = WIDTH }: Style): Line[] => {
    const key = `${weight} ${size} ${width} ${text}`;
    const lines = known.get(key) ?? linesOf(text, weight, width, (run) => widthOf(run, size));
    known.set(key, lines);
    return lines;
  };
  return (ticket?: Structure) => {
    const lines = (kind: string, found: Line[], x: number, top: number, style: Style) => {
      const { size, colour = INK, width = WIDTH, fromLeft = false } = style;
      const below = top + found.length * LEADING * size;
      if (found.length === 0 || !ticket) return below;
      const content = doc.markStructureContent(kind);
      doc.fillColor(colour);
      for (const [n, { runs, fromRight }] of found.entries()) {
        const widths = runs.map((run) => widthOf(run, size));
        let at = fromRight && !fromLeft ? x + width - widths.reduce((sum, one) => sum + one, 0) : x;
        for (const [i, run] of runs.entries()) {
          const base = top + (n * LEADING + 1.05) * size;
          use(run, size).text(run.text, at, base, { lineBreak: false, baseline: 'alphabetic', features: [] });
          at += widths[i] ?? 0;
        }
      }
      doc.endMarkedContent();
      ticket.add(doc.struct(kind, {}, [content]));
      return below;
    };
    const write = (text: string, x: number, top: number, style: Style) =>
      lines('P', broken(text, style), x, top, style);
    return Object.assign(write, {
      heading(text: string, x: number, top: number) {
        const fits = TITLE.find((size) => broken(text, { size, weight: 'bold' }).length <= 3);
        const style: Style = { size: fits ?? SMALLEST, weight: 'bold' };
        return lines('H1', broken(text, style), x, top, style);
      },
    });
  };
}
