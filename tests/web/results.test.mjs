// What campaigns brought and when the next ones come: reports with charts, comparison, the bank, files, the calendar.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, SOURCE, TODAY } from './lab.mjs';

let lab, anna, boris;

before(async () => {
  lab = await openLab({ clients: 300, live: true });
  [anna, boris] = await Promise.all(['anna', 'boris'].map((name) => lab.person(name)));
  for (const person of [anna, boris]) await person.signIn();
});
after(async () => lab?.close());

function story(name, tell) {
  test(name, async () => {
    await tell();
    for (const person of lab.people) person.checkNothingWentWrong();
  });
}

const chart = (person, label) => person.page.waitForFunction((wanted) => [...document.querySelectorAll('[role=img]')].find((one) => one.getAttribute('aria-label').startsWith(wanted) && one.querySelector('svg path')), {}, label);
const bytesOf = (person, address) => person.page.evaluate(async (path) => {
  const answer = await fetch(path);
  const body = new Uint8Array(await (await answer.blob()).arrayBuffer());
  return { status: answer.status, name: answer.headers.get('Content-Disposition') ?? '', head: String.fromCharCode(...body.slice(0, 5)), size: body.length };
}, address);

story('a report is drawn, says the same as a table, and every number opens the clients behind it', async () => {
  await boris.go('/campaigns/demo-overdue/report');
  await chart(boris, 'Clients by how far they came');
  await chart(boris, 'Rates, with 95 % intervals');
  const funnel = 'table[aria-label^="Clients by how far"] tbody tr';
  const sent = await boris.page.$$eval(funnel, (rows) => rows.map((row) => row.textContent).find((text) => text.startsWith('Sent')));
  const count = Number(/^Sent(\d+)/.exec(sent)[1]);
  assert.ok(count > 0, sent);
  await boris.page.click(`${funnel} a[href*="step=sent"]`);
  await boris.page.waitForSelector('table tbody a[href^="/clients/"]');
  const listed = await boris.page.$$eval('table tbody tr', (rows) => new Set(rows.map((row) => row.querySelector('a').textContent)).size);
  assert.ok(listed === Math.min(count, listed) && listed > 0, `${listed} of ${count}`);
  await boris.page.goBack();
  await boris.sees('By channel');
  // Amounts say in which currency they are.
  const cost = await boris.page.$$eval('table[aria-label="By channel"] tbody tr', (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent).find((text) => /[₽]|RUB/.test(text))));
  assert.ok(cost.length > 0 && cost.every(Boolean), JSON.stringify(cost));
});

story('a printed report has no menus, and no chart is wider than the paper', async () => {
  await boris.go('/campaigns/demo-spring/report');
  await chart(boris, 'Clients by how far they came');
  const shown = () => boris.page.$$eval('header, nav', (all) => all.filter((one) => one.getClientRects().length > 0).length);
  const widest = () => boris.page.$$eval('#content [role=img] svg', (all) => Math.max(...all.map((one) => Number(one.getAttribute('width')))));
  await boris.page.waitForFunction(() => [...document.querySelectorAll('#content [role=img] svg')].some((one) => Number(one.getAttribute('width')) > 700));
  assert.equal(await shown(), 2);
  await boris.page.emulateMediaType('print');
  await boris.page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.equal(await shown(), 0);
  assert.ok((await widest()) <= 680, `${await widest()}`);
  await boris.page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await boris.page.emulateMediaType(null);
  await boris.page.waitForFunction(() => [...document.querySelectorAll('#content [role=img] svg')].some((one) => Number(one.getAttribute('width')) > 700));
});

story('opens and clicks are shown over time, by hour of the week and by link, programs apart', async () => {
  // What has come is judged by the server itself, with its neighbours; until then there are no people in it.
  await boris.page.waitForFunction(async (asked) => (await (await fetch('/api/v1/campaigns/demo-spring/report/activity?by=hour')).json()).points.reduce((sum, one) => sum + one.opens + one.opens_robots, 0) === asked, { polling: 500 }, 36);
  await boris.go('/campaigns/demo-spring/report');
  await chart(boris, 'Opens and clicks over time');
  await chart(boris, 'Hours of the week: Opens');
  const rowsOf = (label) => boris.page.$$eval(`table[aria-label^="${label}"] tbody tr`, (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(await rowsOf('Opens and clicks over time'), [['23/11/2026', '16', '6'], ['24/11/2026', '16', '6']]);
  await boris.click('by hour');
  await boris.page.waitForFunction(() => document.querySelectorAll('table[aria-label^="Opens and clicks over time"] tbody tr').length === 4);
  assert.deepEqual((await rowsOf('Opens and clicks over time')).map((row) => row.slice(1)), [['8', '3'], ['8', '3'], ['8', '3'], ['8', '3']]);
  await boris.click('with programs');
  await boris.page.waitForFunction(() => document.querySelector('table[aria-label^="Opens and clicks over time"] tbody tr').cells.length === 5);
  assert.deepEqual((await rowsOf('Opens and clicks over time')).map((row) => row.slice(1)), Array(4).fill(['8', '3', '1', '0']));
  const week = (await rowsOf('Hours of the week')).map((row) => Number(row[2])).reduce((sum, n) => sum + n, 0);
  assert.equal(week, 36);
  assert.deepEqual(await rowsOf('By link'), [['https://carillon-bank.example/spring', '12', '0']]);
  assert.deepEqual(await boris.complaints(), []);
});

story('a bar of the chart leads to its clients', async () => {
  await boris.go('/campaigns/demo-overdue/report');
  const drawn = await chart(boris, 'Clients by how far they came');
  const box = await drawn.asElement().boundingBox();
  await boris.page.mouse.click(box.x + box.width * 0.5, box.y + 20);
  await boris.page.waitForFunction(() => new URLSearchParams(location.search).get('step') === 'assigned');
});

story('a report can be divided and taken home as a file', async () => {
  await boris.go('/campaigns/demo-overdue/report?by=value_class');
  await boris.sees('By value class');
  await boris.click('Download');
  await boris.page.waitForSelector('a[role=menuitem]');
  const links = await boris.page.$$eval('a[role=menuitem]', (all) => all.map((one) => one.href));
  assert.equal(links.length, 4);
  const heads = { xlsx: 'PK', pdf: '%PDF-', html: '<', csv: '' };
  for (const link of links) {
    const format = new URL(link).searchParams.get('format');
    assert.equal(new URL(link).searchParams.get('by'), 'value_class');
    const file = await bytesOf(boris, link);
    assert.equal(file.status, 200, format);
    assert.ok(file.head.startsWith(heads[format]) && file.size > 500, `${format}: ${file.head}`);
    assert.match(file.name, /attachment/);
  }
  await boris.press('Escape');
});

story('campaigns are compared side by side', async () => {
  await boris.go('/reports');
  for (const name of ['С днём рождения', 'Overdue for 30 days']) {
    const box = await boris.page.waitForSelector(`input[aria-label="Choose ${name} for the comparison"]`);
    await box.click();
  }
  await boris.click('Compare 2 campaigns');
  await boris.page.waitForFunction(() => location.pathname === '/reports/compare');
  await boris.page.waitForFunction(() => document.querySelectorAll('table[aria-label^="Campaigns side by side"] tbody tr').length === 2);
  await chart(boris, 'Responses, share of those reached');
  await boris.sees('Overdue for 30 days');
  await boris.page.goBack();
  await boris.page.waitForFunction(() => location.pathname === '/reports');
});

story('a campaign and its copy are told apart in a comparison', async () => {
  const copy = JSON.parse(readFileSync(join(SOURCE, 'examples/demo-bank/campaigns/birthday.json'), 'utf8'));
  const path = join(lab.bank.folder, 'copy.json');
  writeFileSync(path, JSON.stringify({ ...copy, name: 'birthday-again' }));
  lab.bank.as('anna', 'campaign', 'apply', path);
  await boris.go('/reports/compare?names=demo-birthday,birthday-again');
  for (const name of ['demo-birthday', 'birthday-again']) await boris.sees(`${copy.title} (${name})`);
  await boris.go('/reports');
});

story('the bank is shown over time, by what one wants to see', async () => {
  await boris.go(`/reports/bank?from=2026-11-01&to=${TODAY}&by=day`);
  await chart(boris, 'Segments over time: Clients');
  await boris.sees('Products held together');
  await boris.click('Loans');
  await chart(boris, 'Segments over time: Loans');
  assert.match(boris.page.url(), /measure=loans/);
  await boris.go('/reports/profit');
  await boris.sees('No plans of clients for this time');
});

const dayOf = (person, name) => person.page.$eval(`[data-campaign="${name}"]`, (one) => one.closest('[data-day]').dataset.day);
const onDay = (person, name, day) => person.page.waitForFunction((campaign, wanted) => [...document.querySelectorAll(`[data-campaign="${campaign}"]`)].some((one) => one.closest('[data-day]')?.dataset.day === wanted), {}, name, day);

story('a draft is moved in the calendar with the keyboard, and taken back with Escape', async () => {
  await anna.go('/calendar?month=2026-11');
  assert.equal(await dayOf(anna, 'draft-offer'), '2026-11-26');
  await anna.page.focus('[data-campaign="draft-offer"]');
  await anna.press('ArrowRight');
  await anna.sees('A draft: to 27 November 2026');
  await anna.press('Escape');
  await anna.sees('Moved back');
  await anna.press('ArrowRight');
  await anna.press('ArrowDown');
  await anna.sees('to 4 December 2026');
  await anna.press('ArrowUp');
  await anna.press('Enter');
  await anna.sees('A draft is on 27 November 2026 now');
  await onDay(anna, 'draft-offer', '2026-11-27');
});

// As a mouse would: drag and drop is the browser's own.
const drag = (person, name, day) => person.page.evaluate((campaign, to) => {
  const source = document.querySelector(`[data-campaign="${campaign}"]`);
  const target = document.querySelector(`[data-day="${to}"]`);
  const data = new DataTransfer();
  const fire = (on, kind) => on.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
  fire(source, 'dragstart');
  setTimeout(() => { fire(target, 'dragover'); setTimeout(() => { fire(target, 'drop'); fire(source, 'dragend'); }, 100); }, 100);
}, name, day);

story('a draft is dragged to another day, but to none that is over; what runs stays where it is', async () => {
  await anna.go('/calendar?month=2026-11');
  await drag(anna, 'draft-offer', '2026-11-30');
  await onDay(anna, 'draft-offer', '2026-11-30');
  await anna.sees('A draft is on 30 November 2026 now');
  await drag(anna, 'draft-offer', '2026-11-23');
  await anna.sees('23 November 2026 is over');
  await onDay(anna, 'draft-offer', '2026-11-30');
  assert.equal(await anna.page.$eval('[data-day="2026-11-30"] [data-campaign="demo-overdue"]', (one) => one.draggable && one.textContent.includes('⠿')), false);
  await anna.page.focus('[data-day="2026-11-30"] [data-campaign="demo-overdue"]');
  await anna.press('ArrowRight');
  await anna.sees('cannot be moved here');
});

story('what waits for approval is moved after a question that says what it costs; No takes it back', async () => {
  const state = async () => (await anna.ask('get', '/campaigns/demo-deposit')).body.state;
  await anna.go('/calendar?month=2026-11');
  await drag(anna, 'demo-deposit', '2026-11-26');
  await anna.sees('from 25 November 2026 to 26 November 2026');
  await anna.sees('with another day the campaign is a draft again and must be approved once more');
  assert.deepEqual(await anna.complaints(), []);
  await anna.press('Escape');
  await anna.page.waitForFunction(() => !document.querySelector('[role=dialog]'));
  assert.equal(await dayOf(anna, 'demo-deposit'), '2026-11-25');
  assert.equal(await state(), 'submitted');
  // The keyboard alone: the question has the focus, and gives it back.
  await anna.page.focus('[data-campaign="demo-deposit"]');
  await anna.press('ArrowRight');
  await anna.press('Enter');
  await anna.sees('must be approved once more');
  await anna.click('Not now');
  await anna.page.waitForFunction(() => document.activeElement?.dataset.campaign === 'demo-deposit');
  assert.equal(await state(), 'submitted');
  await anna.press('ArrowRight');
  await anna.press('Enter');
  await anna.click('Reschedule');
  await onDay(anna, 'demo-deposit', '2026-11-26');
  assert.equal(await state(), 'draft');
});

story('campaigns on different segments that would write to the same clients are named, with their number', async () => {
  const add = (name, segment, more = {}) => {
    writeFileSync(join(lab.bank.folder, `${name}.json`), JSON.stringify({ name, title: `The ${name}`, objective: 'cross_sell', segment, steps: [{ channel: 'email', template: 'deposit-offer' }], schedule: { once: { date: '2026-12-16', time: '15:00' } }, ...more }));
    lab.bank.as('anna', 'campaign', 'apply', `${name}.json`);
  };
  add('one', 'active-people');
  add('other', 'top-clients');
  add('neither', 'companies', { exclude: ['top-clients'] });
  const both = (await anna.ask('post', '/segments:count', { segment: { name: 'both', rule: { all: [{ segment: 'active-people' }, { segment: 'top-clients' }] } }, channels: [], purpose: 'marketing' })).body.matched;
  assert.ok(both > 0);
  for (const [path, day] of [['/calendar?month=2026-12', '2026-12-16'], ['/calendar?view=week&day=2026-12-16', '2026-12-16']]) {
    await anna.go(path);
    await anna.sees(`The one + The other — ${both} clients are in both`);
    await anna.sees('some clients would be written to twice on this day');
    const marked = await anna.page.$$eval(`[data-day="${day}"] [data-campaign]`, (all) => all.filter((one) => one.querySelector('[role=img]')).map((one) => one.dataset.campaign));
    assert.ok(marked.includes('one') && marked.includes('other') && !marked.includes('neither'), marked.join());
    assert.deepEqual(await anna.complaints(), []);
  }
  await anna.page.click('[data-testid=conflicts] a[href="/campaigns/other"]');
  await anna.page.waitForFunction(() => location.pathname === '/campaigns/other');
  // Counting is not the calendar's: whoever may not count is shown it without.
  const maria = await lab.person('maria');
  await maria.signIn();
  await maria.go('/calendar?month=2026-12');
  await maria.sees('The other');
  assert.equal(await maria.page.$('[data-testid=conflicts] a[href="/campaigns/other"]'), null);
});

story('a week shows more of each campaign, and days with a collision are marked', async () => {
  await anna.go('/calendar?view=week&day=2026-11-24');
  await anna.sees('Overdue for 30 days');
  await anna.page.waitForFunction(() => document.querySelectorAll('[data-day]').length === 7);
  assert.deepEqual(await anna.complaints(), []);
  await anna.click('Week after');
  await anna.page.waitForFunction(() => new URLSearchParams(location.search).get('day') === '2026-12-01');
});
