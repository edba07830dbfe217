import { expect, it } from 'vitest';
import english from '../../../../../examples/demo-bank/templates/spring-offer.en.html?raw';
import russian from '../../../../../examples/demo-bank/templates/spring-offer.ru.html?raw';
import { htmlOf, inkOn, marked, roomIn } from './html';
import { fresh, KINDS, LOOK, moved, widthOf, type Block, type Mail } from './model';
import { opened, read, stored } from './stored';

const mail = (blocks: Block[]): Mail => ({ look: LOOK, blocks });
const heading = (text: string): Block => ({ id: 'h', kind: 'heading', text, align: 'left' });
const anonymous = (one: Mail) => JSON.parse(JSON.stringify(one, (key, value: unknown) => (key === 'id' ? undefined : value))) as unknown;

it('every kind of block is opened again as it was stored', () => {
  const all = KINDS.map((kind) => ({ ...fresh(kind, { unsubscribe: 'Stop' }), when: { field: 'client.manager', has: kind !== 'text' } }) as Block);
  const kept = stored(mail(all), 'en').html;
  const again = read(kept, 'en');
  expect(again?.byHand).toBe(false);
  expect(anonymous(again!.mail)).toEqual(anonymous(mail(all)));
  expect(stored(again!.mail, 'en').html).toBe(kept);
});

it('fields, braces and quotes in a text neither end the note nor change in it', () => {
  const text = 'Dear {{client.first_name}}, {{{raw}}} }} {a: {b: "c"}} \\ “x”';
  const kept = stored(mail([heading(text)]), 'en').html;
  expect(kept.indexOf('}}')).toBe(kept.indexOf('\n}}\n') + 1);
  expect((read(kept, 'en')!.mail.blocks[0] as { text: string }).text).toBe(text);
});

it('HTML changed by hand is known as such', () => {
  const kept = stored(mail([heading('One')]), 'en').html;
  expect(read(kept.replace('<h1', '<h2'), 'en')?.byHand).toBe(true);
  expect(read('<p>written by hand</p>', 'en')).toBeUndefined();
  expect(read(kept.replace('"kind":"heading"', '"kind":"carousel"'), 'en')).toBeUndefined();
});

it('what was made lately is opened as the same blocks', () => {
  const one = mail([heading('Again')]);
  expect(opened(stored(one, 'en').html, 'en')?.mail).toBe(one);
});

it('a line of the HTML is known by the block it belongs to', () => {
  const blocks = [heading('One'), { ...heading('Two'), id: 'second', when: { field: 'client.manager', has: true } } as Block];
  const { html, lines } = stored(mail(blocks), 'en');
  const at = html.split('\n').findIndex((line) => line.includes('Two</h1>')) + 1;
  expect(lines.get(at)).toBe('second');
  expect(html.split('\n')[at - 2]).toBe('{{#client.manager}}');
});

it.each([
  ['a **b** *c*', '<p style="margin:0 0 12px">a <strong>b</strong> <em>c</em></p>'],
  ['1 < 2 & "3"', '<p style="margin:0 0 12px">1 &lt; 2 &amp; &quot;3&quot;</p>'],
  ['{{client.first_name}} *a*\nb', '<p style="margin:0 0 12px">{{client.first_name}} <em>a</em><br>b</p>'],
  ['- a\n- b', '<ul style="margin:0 0 12px;padding-left:22px"><li>a</li><li>b</li></ul>'],
  ['[a](https://b.example/?x={{client.branch}})', '<p style="margin:0 0 12px"><a href="https://b.example/?x={{client.branch}}" style="color:#1a5fb4">a</a></p>'],
  ['[a](javascript:b)', '<p style="margin:0 0 12px">[a](javascript:b)</p>'],
])('%s', (text, html) => expect(marked(text, LOOK)).toBe(html));

it('a button leads to web pages, mail and telephones only', () => {
  const button = (link: string): Mail => mail([{ id: 'b', kind: 'button', text: 'Go', link, align: 'center' }]);
  expect(htmlOf(button('javascript:alert(1)'), 'en').html).toContain('href="#"');
  expect(htmlOf(button('https://bank.example/a'), 'en').html).toContain('href="https://bank.example/a"');
});

it('letters on a button can be read', () => {
  expect(inkOn('#1a5fb4')).toBe('#ffffff');
  expect(inkOn('#ffd400')).toBe('#22313a');
});

it('a block is moved to its new place', () => {
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
  expect(moved(['a', 'b'], 0, 5)).toEqual(['a', 'b']);
});

it.each([['en', english], ['ru', russian]])('the demo bank’s mail in blocks is what its blocks make (%s)', (locale, html) =>
  expect(read(html, locale)?.byHand).toBe(false));

it('a picture is not blown up to a width it does not have', () => {
  expect(roomIn(1)).toBe(536);
  expect(roomIn(2)).toBe(252);
  expect(widthOf(1072, roomIn(1), 100)).toBe(100);
  expect(widthOf(268, roomIn(1), 100)).toBe(50);
  expect(widthOf(268, roomIn(2), 100)).toBe(100);
  expect(widthOf(1, roomIn(1), 100)).toBe(10);
  expect(widthOf(268, roomIn(1), 75)).toBe(75); // was set by hand
});
