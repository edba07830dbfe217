// The HTML of a mail made of blocks: tables and inline styles, because Outlook reads nothing else; columns that stand below
// each other where there is no room (a telephone). Merge fields pass through untouched: the server checks and fills them.
import type { Align, Block, Columns, Leaf, Look, Mail } from './model';

const WIDTH = 600; // of the mail, in pixels
const INK = '#22313a';
const FONT = 'Arial,Helvetica,sans-serif';
const TAG = /\{\{\{?[^]*?\}?\}\}/g;
const SAFE_LINK = /^(https?:\/\/|mailto:|tel:|\{\{)/i;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

// Does something to a text but to its merge fields.
function aroundTags(text: string, change: (plain: string) => string): string {
  const tags: string[] = [];
  const plain = text.replace(/[\u0001\u0002]/g, '').replace(TAG, (tag) => `\u0001${tags.push(tag) - 1}\u0002`);
  return change(plain).replace(/\u0001(\d+)\u0002/g, (_, at: string) => tags[Number(at)] ?? '');
}

const inLine = (text: string) => aroundTags(text, escaped);
const link = (to: string) => (SAFE_LINK.test(to.trim()) ? inLine(to.trim()) : '#');

// **bold**, *italic*, [words](https://...), "- " before the items of a list, an empty line between paragraphs.
export function marked(text: string, look: Look): string {
  return aroundTags(text, (plain) => {
    const inner = (line: string) => escaped(line)
      .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (whole, words: string, to: string) =>
        /^(https?:\/\/|mailto:|tel:|\u0001)/i.test(to) ? `<a href="${to}" style="color:${look.accent}">${words}</a>` : whole)
      .replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>')
      .replace(/\*(.+?)\*/g, '<em>$1</em>');
    return plain.split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean).map((part) => {
      const lines = part.split('\n');
      return lines.every((line) => line.startsWith('- '))
        ? `<ul style="margin:0 0 12px;padding-left:22px">${lines.map((line) => `<li>${inner(line.slice(2))}</li>`).join('')}</ul>`
        : `<p style="margin:0 0 12px">${lines.map(inner).join('<br>')}</p>`;
    }).join('');
  });
}

// White or ink, whichever can be read on the colour (relative luminance, WCAG 2.1).
export function inkOn(colour: string): string {
  const light = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at]!, 0);
  return light > 0.18 ? INK : '#ffffff';
}

const cell = (padding: string, align: Align, style: string, inner: string) =>
  `<tr><td align="${align}" style="padding:${padding};text-align:${align};${style}">${inner}</td></tr>`;

function leaf(block: Leaf, look: Look, width: number, side: number): string {
  const padding = `8px ${side}px`;
  switch (block.kind) {
    case 'heading':
      return cell(`20px ${side}px 4px`, block.align, `font-size:24px;line-height:1.3;font-weight:bold;color:${INK}`, `<h1 style="margin:0;font-size:24px;line-height:1.3">${inLine(block.text)}</h1>`);
    case 'text':
      return cell(padding, block.align, `font-size:16px;line-height:1.5;color:${INK}`, marked(block.text, look));
    case 'image': {
      const pixels = Math.round(((width - 2 * side) * block.width) / 100);
      const picture = `<img src="${link(block.source)}" alt="${inLine(block.words)}" width="${pixels}" style="display:block;width:100%;max-width:${pixels}px;height:auto;border:0;margin:0 auto">`;
      return cell(padding, 'center', '', block.link ? `<a href="${link(block.link)}">${picture}</a>` : picture);
    }
    case 'button':
      return cell(`12px ${side}px`, block.align, '',
        `<table role="presentation" cellpadding="0" cellspacing="0" style="display:inline-table"><tr><td bgcolor="${look.accent}" style="border-radius:6px"><a href="${link(block.link)}" style="display:inline-block;padding:12px 28px;font-size:16px;font-weight:bold;color:${inkOn(look.accent)};text-decoration:none">${inLine(block.text)}</a></td></tr></table>`);
    case 'divider':
      return cell(`12px ${side}px`, 'left', '', '<div style="border-top:1px solid #d5d9dc;font-size:1px;line-height:1px">&nbsp;</div>');
  }
}

const around = (block: Block, inner: string, joint: string) =>
  block.when?.field ? `{{${block.when.has ? '#' : '^'}${block.when.field}}}${joint}${inner}${joint}{{/${block.when.field}}}` : inner;

const columnWidth = (count: number) => Math.floor((WIDTH - 32) / Math.max(1, count));

// Pixels between the margins of the mail, or of one of its columns.
export const roomIn = (columns: number) => (columns > 1 ? columnWidth(columns) - 2 * 16 : WIDTH - 2 * 32);

function columns(block: Columns, look: Look): string {
  const width = columnWidth(block.columns.length);
  const parts = block.columns.map((leaves) =>
    `<div style="display:inline-block;width:100%;max-width:${width}px;vertical-align:top;font-size:16px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0">${leaves.map((one) => around(one, leaf(one, look, width, 16), '')).join('')}</table></div>`);
  const outlook = (text: string) => `<!--[if mso]>${text}<![endif]-->`;
  return cell('8px 16px', 'left', 'font-size:0', [
    outlook(`<table role="presentation" width="100%"><tr><td width="${width}" valign="top">`),
    parts.join(outlook(`</td><td width="${width}" valign="top">`)),
    outlook('</td></tr></table>'),
  ].join(''));
}

function rows(block: Block, look: Look): string {
  if (block.kind === 'columns') return columns(block, look);
  if (block.kind !== 'footer') return leaf(block, look, WIDTH, 32);
  const stop = block.unsubscribe ? `<p style="margin:0"><a href="{{unsubscribe_url}}" style="color:#5b6770">${inLine(block.unsubscribe)}</a></p>` : '';
  return cell('20px 32px 28px', 'left', 'font-size:13px;line-height:1.5;color:#5b6770', marked(block.text, { ...look, accent: '#5b6770' }) + stop);
}

// The mail without the note that keeps its blocks; `lines` says which block each line (from 1) belongs to.
export function htmlOf(mail: Mail, locale: string): { html: string; lines: Map<number, string> } {
  const { look } = mail;
  const out = [
    '<!DOCTYPE html>',
    `<html lang="${locale}">`,
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{{bank.name}}</title></head>',
    `<body style="margin:0;background:${look.ground};font-family:${FONT}">`,
  ];
  if (look.preheader) out.push(`<div style="display:none;max-height:0;overflow:hidden">${inLine(look.preheader)}</div>`);
  out.push(
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" bgcolor="${look.ground}"><tr><td align="center" style="padding:24px 8px">`,
    `<table role="presentation" width="${WIDTH}" cellpadding="0" cellspacing="0" bgcolor="#ffffff" style="width:100%;max-width:${WIDTH}px;background:#ffffff">`);
  const lines = new Map<number, string>();
  for (const block of mail.blocks)
    for (const line of around(block, rows(block, look), '\n').split('\n')) lines.set(out.push(line), block.id);
  out.push('</table>', '</td></tr></table>', '</body>', '</html>', '');
  return { html: out.join('\n'), lines };
}
