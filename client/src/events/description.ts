import MarkdownIt from 'markdown-it';
import { createElement, type ReactNode } from 'react';

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

/** Whatever a description may not hold is text here; `events` takes none that holds it. */
const markdown = new MarkdownIt('commonmark', { html: false }).disable([
  ...['image', 'backticks', 'code', 'fence', 'hr', 'blockquote'],
]);
const LINK = /^(?:https?:\/\/|mailto:)/i;

/** What an organizer wrote, in CommonMark, as elements: their words are never markup. For the public made on the server alone. */
export const Description = ({ text }: { text: string }): ReactNode => elementsOf(markdown.parse(text, {}));

/** Each token that opens an element has another that closes it. */
function elementsOf(tokens: readonly Token[]): ReactNode[] {
  const open: { token?: Token; inside: ReactNode[] }[] = [{ inside: [] }];
  const levels: number[] = [];
  for (const [key, token] of tokens.entries()) {
    if (token.nesting === 1) {
      open.push({ token, inside: [] });
      continue;
    }
    const { token: opened = token, inside = [] } = token.nesting === -1 ? (open.pop() ?? {}) : {};
    const node = token.nesting === -1 ? elementOf(opened, inside, key, levels) : leafOf(token);
    open.at(-1)?.inside.push(node);
  }
  return open[0]?.inside ?? [];
}

const leafOf = ({ type, content, children }: Token): ReactNode => {
  if (type === 'inline') return elementsOf(children ?? []);
  return type === 'softbreak' || type === 'hardbreak' ? '\n' : content;
};

function elementOf(token: Token, inside: ReactNode[], key: number, levels: number[]): ReactNode {
  const { tag, type, hidden } = token;
  // Paragraphs of a list without empty lines.
  if (hidden) return inside;
  if (type === 'link_open') {
    const href = String(token.attrGet('href'));
    return LINK.test(href)
      ? createElement('a', { key, href, rel: 'nofollow noreferrer' }, ...inside)
      : inside;
  }
  if (type === 'heading_open')
    return createElement(headingOf(Number(tag.slice(1)), levels), { key, dir: 'auto' }, ...inside);
  const start = type === 'ordered_list_open' ? Number(token.attrGet('start') ?? 1) : 1;
  const block = ['p', 'ul', 'ol', 'li'].includes(tag);
  return createElement(tag, { key, ...(block && { dir: 'auto' }), ...(start !== 1 && { start }) }, ...inside);
}

/** Below the page's own headings, none of them passed over, whatever levels were written. */
function headingOf(level: number, levels: number[]): string {
  while ((levels.at(-1) ?? 0) >= level) levels.pop();
  levels.push(level);
  return `h${Math.min(6, 2 + levels.length)}`;
}
