// How blocks are kept: as a Mustache note at the top of the HTML they make. It is stored, versioned, approved and compared
// with the template, and renders to nothing. HTML changed by hand no longer equals what its blocks make, and is never
// overwritten without asking.
import { htmlOf } from './html';
import { LOOK, newId, type Block, type Kind, type Leaf, type Mail } from './model';

const HEAD = '{{! carillon blocks 1';
const NOTE = /^\{\{! carillon blocks 1\n([^]*?)\n\}\}\n/;
const FIELDS: Record<Kind, Record<string, 'string' | 'number' | 'object'>> = {
  heading: { text: 'string', align: 'string' },
  text: { text: 'string', align: 'string' },
  image: { source: 'string', words: 'string', width: 'number', link: 'string' },
  button: { text: 'string', link: 'string', align: 'string' },
  columns: { columns: 'object' },
  divider: {},
  footer: { text: 'string', unsubscribe: 'string' },
};
const COLOUR = /^#[0-9a-f]{6}$/i;

export interface Opened { mail: Mail; byHand: boolean }

// A note ends at the first two closing braces, so none may stand beside each other.
function withoutDoubleBraces(value: unknown): string {
  return JSON.stringify(value)
    .replace(/"(?:[^"\\]|\\.)*"/g, (text) => text.replaceAll('{', '\\u007b').replaceAll('}', '\\u007d'))
    .replace(/\}(?=\})/g, '} ')
    .replace(/\{(?=\{)/g, '{ ');
}

const unnumbered = (block: Block): unknown => ({
  ...block, id: undefined, ...(block.kind === 'columns' ? { columns: block.columns.map((column) => column.map(unnumbered)) } : {}),
});

// What was opened or made lately: taken back by undo it is the same again, so that what is open in the editor stays open.
const CACHE_MAX = 300;
const lately = new Map<string, Mail>();
function remember(mail: Mail, locale: string, html: string) {
  lately.set(`${locale} ${html}`, mail);
  if (lately.size > CACHE_MAX) lately.delete(lately.keys().next().value!);
}

export function stored(mail: Mail, locale: string): { html: string; lines: Map<number, string> } {
  const note = [HEAD, withoutDoubleBraces(mail.look), ...mail.blocks.map((block) => withoutDoubleBraces(unnumbered(block))), '}}'];
  const made = htmlOf(mail, locale);
  const lines = new Map([...made.lines].map(([line, id]) => [line + note.length, id] as const));
  const html = `${note.join('\n')}\n${made.html}`;
  remember(mail, locale, html);
  return { html, lines };
}

function numbered(given: unknown, nested: boolean): Block | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { kind } = given as { kind: Kind };
  const fields = FIELDS[kind];
  if (!fields || (nested && (kind === 'columns' || kind === 'footer'))) return undefined;
  if (Object.entries(fields).some(([name, type]) => typeof (given as Record<string, unknown>)[name] !== type)) return undefined;
  const block = { ...given, id: newId() } as Block;
  if (block.kind !== 'columns') return block;
  const columns = block.columns.map((column) => column.map((one) => numbered(one, true)));
  return columns.flat().includes(undefined) ? undefined : { ...block, columns: columns as Leaf[][] };
}

export function opened(html: string, locale: string): Opened | undefined {
  const known = lately.get(`${locale} ${html}`);
  return known ? { mail: known, byHand: false } : read(html, locale);
}

// The blocks a text was made from; nothing when it was not, or by something this program does not know.
export function read(html: string, locale: string): Opened | undefined {
  const note = NOTE.exec(html);
  if (!note) return undefined;
  try {
    const [look, ...rest] = note[1]!.split('\n').map((line) => JSON.parse(line) as unknown);
    const blocks = rest.map((one) => numbered(one, false));
    if (blocks.includes(undefined)) return undefined;
    const mail: Mail = { look: { ...LOOK, ...(look as object) }, blocks: blocks as Block[] };
    if (!COLOUR.test(mail.look.accent) || !COLOUR.test(mail.look.ground)) return undefined;
    return { mail, byHand: stored(mail, locale).html !== html };
  } catch {
    return undefined;
  }
}
