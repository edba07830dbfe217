// A template as lines of text, so that a difference can be read: mails made from blocks are shown as their blocks.
import type { Speech } from '../../i18n';
import { wordsOf, type Block } from './blocks/model';
import { opened } from './blocks/stored';
import type { Draft } from './draft';

function linesOf(block: Block, code: Speech['code']): string {
  const when = block.when?.field ? ` {{${block.when.has ? '#' : '^'}${block.when.field}}}` : '';
  return `${code('block', block.kind)}${when}: ${wordsOf(block)}`;
}

function textOf(text: string, locale: string, code: Speech['code']): string {
  const found = opened(text, locale);
  return found && !found.byHand
    ? [Object.values(found.mail.look).filter(Boolean).join(' · '), ...found.mail.blocks.map((block) => linesOf(block, code))].join('\n')
    : text;
}

export function readable(draft: Pick<Draft, 'locales'> & { partials?: unknown }, code: Speech['code']): string {
  const parts = Object.entries(draft.locales).flatMap(([locale, one]) => Object.entries(one).map(([part, text]) =>
    `[${locale} ${part}]\n${typeof text === 'string' ? textOf(text, locale, code) : JSON.stringify(text, null, 1)}`));
  const partials = Object.entries((draft.partials ?? {}) as Record<string, unknown>).map(([name, text]) => `[${name}]\n${String(text)}`);
  return [...parts, ...partials].join('\n');
}
