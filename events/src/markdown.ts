import MarkdownIt from 'markdown-it';

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

/** Raw HTML and every link are read as such, so that each can be refused by its line. */
const markdown = new MarkdownIt('commonmark', { html: true });
markdown.validateLink = () => true;

/** What a description may be made of; any reader of CommonMark shows it, and none is led to script by it. */
const ALLOWED = new Set([
  ...['paragraph', 'heading', 'bullet_list', 'ordered_list', 'list_item', 'strong', 'em', 'link'].flatMap(
    (name) => [`${name}_open`, `${name}_close`],
  ),
  ...['inline', 'text', 'text_special', 'softbreak', 'hardbreak'],
]);
const SAID: Readonly<Record<string, string>> = {
  html_block: 'HTML',
  html_inline: 'HTML',
  image: 'a picture',
  blockquote_open: 'a quotation',
  code_block: 'code (a line that begins with four spaces)',
  code_inline: 'code',
  fence: 'code',
  hr: 'a rule',
};
const LINK = /^(?:https?:\/\/|mailto:)/i;

const wrongWith = ({ type }: Token, href: unknown) => {
  if (!ALLOWED.has(type)) return `must not hold ${SAID[type] ?? type}`;
  if (type === 'link_open' && !LINK.test(String(href)))
    return 'must have links to https, http or mailto only';
  return undefined;
};

/**
 * Why a text is not of the part of CommonMark that descriptions are written in, with its line from 1: headings, emphasis, lists,
 * and links to https, http and mailto. Undefined when it is.
 */
export function wrongMarkdown(text: string): string | undefined {
  for (const token of markdown.parse(text, {})) {
    let line = (token.map?.[0] ?? 0) + 1;
    for (const one of [token, ...(token.children ?? [])]) {
      const wrong = wrongWith(one, one.attrGet('href'));
      if (wrong !== undefined) return `${wrong} (line ${line})`;
      if (one.type === 'softbreak' || one.type === 'hardbreak') line += 1;
    }
  }
  return undefined;
}
