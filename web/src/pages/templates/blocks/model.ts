// What a mail made of blocks consists of. Blocks are kept inside the HTML they make, see stored.ts.
export type Align = 'left' | 'center' | 'right';

// Only where the field has a value (or has none); for a list: once for each of its elements.
export interface Condition { field: string; has: boolean }
interface Shared { id: string; when?: Condition }

export interface Heading extends Shared { kind: 'heading'; text: string; align: Align }
export interface Words extends Shared { kind: 'text'; text: string; align: Align }
export interface Picture extends Shared { kind: 'image'; source: string; words: string; width: number; link: string } // width: percent
export interface Press extends Shared { kind: 'button'; text: string; link: string; align: Align }
export interface Line extends Shared { kind: 'divider' }
export interface Foot extends Shared { kind: 'footer'; text: string; unsubscribe: string }
export type Leaf = Heading | Words | Picture | Press | Line;
export interface Columns extends Shared { kind: 'columns'; columns: Leaf[][] }
export type Block = Leaf | Columns | Foot;
export type Kind = Block['kind'];

export interface Look { accent: string; ground: string; preheader: string }
export interface Mail { look: Look; blocks: Block[] }

export const LEAVES: Leaf['kind'][] = ['heading', 'text', 'image', 'button', 'divider'];
export const KINDS: Kind[] = ['heading', 'text', 'image', 'button', 'columns', 'divider', 'footer'];
export const LOOK: Look = { accent: '#1a5fb4', ground: '#f3f1ec', preheader: '' };

export const languageOf = (locale: string) => (locale.startsWith('ru') ? 'ru' : 'en');

let last = 0;
export const newId = () => `b${++last}`;

export function fresh(kind: Kind, words: { unsubscribe: string }): Block {
  const id = newId();
  switch (kind) {
    case 'heading': return { id, kind, text: '', align: 'left' };
    case 'text': return { id, kind, text: '', align: 'left' };
    case 'image': return { id, kind, source: '', words: '', width: 100, link: '' };
    case 'button': return { id, kind, text: '', link: '', align: 'center' };
    case 'columns': return { id, kind, columns: [[{ id: newId(), kind: 'text', text: '', align: 'left' }], [{ id: newId(), kind: 'text', text: '', align: 'left' }]] };
    case 'divider': return { id, kind };
    case 'footer': return { id, kind, text: '{{bank.name}} · {{bank.phone}}', unsubscribe: words.unsubscribe };
  }
}

// A copy with numbers of its own.
export function cloned<B extends Block>(block: B): B {
  const copy = structuredClone(block);
  copy.id = newId();
  if (copy.kind === 'columns') copy.columns = copy.columns.map((column) => column.map((leaf) => ({ ...leaf, id: newId() })));
  return copy;
}

// The width a picture is first shown at, in percent of its place: its own, where that is less. One that was set stays.
export function widthOf(pixels: number, room: number, now: number): number {
  if (now !== 100) return now;
  return Math.min(100, Math.max(10, 5 * Math.round((20 * pixels) / room)));
}

export function moved<T>(list: T[], from: number, to: number): T[] {
  if (to < 0 || to >= list.length || from === to) return list;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

// What it says, for lists and differences.
export function wordsOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
    case 'text': return block.text;
    case 'button': return `${block.text} → ${block.link}`;
    case 'image': return block.words || block.source;
    case 'divider': return '';
    case 'footer': return [block.text, block.unsubscribe].filter(Boolean).join('\n');
    case 'columns': return block.columns.map((column) => column.map(wordsOf).join('\n')).join('\n');
  }
}
