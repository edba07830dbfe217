// What hasty hands and a long day do: double clicks, long lists, a session that ends, a server that is away for a moment.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openLab } from './lab.mjs';

const SLOW_MS = 300;
const story = (name, run) => test(name, { timeout: 240_000 }, run);

let lab;
before(async () => { lab = await openLab({ clients: 300, live: true }); });
after(async () => lab?.close());

// Somebody whose requests take their time, and what he asked to be changed.
async function hasty(name) {
  const person = await lab.person(name);
  await person.signIn();
  person.asked = [];
  await person.page.setRequestInterception(true);
  person.page.on('request', (request) => {
    const path = request.url().replace(/.*\/api\/v1/, '');
    if (request.method() !== 'GET' && !/simulate|:count|:check|preview/.test(path)) person.asked.push(`${request.method()} ${path}`);
    setTimeout(() => void request.continue().catch(() => {}), request.url().includes('/api/') ? SLOW_MS : 0);
  });
  return person;
}

// A real double click on the middle of the last button of that name, in the dialog where there is one.
async function twice(person, name) {
  const button = await person.page.waitForFunction((wanted) => {
    const dialog = [...document.querySelectorAll('[role=dialog]')].filter((one) => one.getClientRects().length > 0).at(-1);
    return [...(dialog ?? document).querySelectorAll('button')].filter((one) => one.textContent.trim() === wanted && one.getClientRects().length > 0 && !one.disabled).at(dialog ? -1 : 0) ?? null;
  }, {}, name);
  await button.evaluate((one) => one.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const box = await button.asElement().boundingBox();
  await person.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2, { count: 2 });
}

async function opensAndActs(person, button, question, act, fill) {
  await twice(person, button);
  await new Promise((done) => setTimeout(done, 2 * SLOW_MS));
  await person.sees(question);
  await fill?.();
  person.asked.length = 0;
  await twice(person, act);
}

const done = async (person, notice, asked) => {
  await person.sees(notice);
  await new Promise((after) => setTimeout(after, 3 * SLOW_MS));
  assert.deepEqual(person.asked, asked);
  assert.ok(!/That did not work/.test(await person.text()), await person.text());
};

story('a double click opens a dialog and does the thing once', async () => {
  const olga = await hasty('olga');
  await olga.go('/campaigns/demo-birthday');
  await opensAndActs(olga, 'Pause', 'Pause the campaign?', 'Pause', () => olga.fill('Reason', 'too early'));
  await done(olga, 'Paused', ['POST /campaigns/demo-birthday/pause']);
  await opensAndActs(olga, 'Resume', 'Resume the campaign?', 'Resume');
  await done(olga, 'It goes on', ['POST /campaigns/demo-birthday/resume']);
  await olga.go('/campaigns/demo-tariffs');
  await opensAndActs(olga, 'Start', 'Start the campaign?', 'Start', () => olga.fill('Type demo-tariffs to confirm', 'demo-tariffs'));
  await done(olga, 'it can be undone', ['POST /campaigns/demo-tariffs/start']);
  olga.asked.length = 0;
  await twice(olga, 'Undo the launch');
  await done(olga, 'The launch was taken back', ['POST /campaigns/demo-tariffs/start/undo']);
  olga.checkNothingWentWrong();
});

story('a new password is asked about first, and made once', async () => {
  const vera = await hasty('vera');
  await vera.go('/users');
  await opensAndActs(vera, 'New password', 'stops working at once', 'New password');
  await done(vera, 'First password of anna', ['POST /users/anna/password']);
  vera.checkNothingWentWrong();
});

const numbers = (person) => person.page.$$eval('#content tbody tr td:first-child, #content tbody tr td:nth-child(2)', (all) => all.map((one) => one.innerText).filter((text) => /^C\d+$/.test(text)));
async function turned(person, act) {
  const first = (await numbers(person))[0];
  await act();
  await person.page.waitForFunction((before) => { const now = document.querySelector('#content tbody tr')?.innerText; return now && !now.includes(before); }, {}, first);
}

story('a long list is turned page by page, by link and by Back, without losing a row', async () => {
  const olga = await lab.person('olga');
  await olga.signIn();
  await olga.go('/clients');
  const seen = [await numbers(olga)];
  for (let page = 2; page <= 6; page++) {
    await turned(olga, () => olga.click('Next page'));
    seen.push(await numbers(olga));
  }
  assert.equal(new Set(seen.flat()).size, 300);
  assert.equal(seen.flat().length, 300);
  assert.ok(!(await olga.page.$$eval('#content button', (all) => all.map((one) => one.textContent))).includes('Next page'));
  await turned(olga, () => olga.page.goBack());
  assert.deepEqual(await numbers(olga), seen[4]);
  await turned(olga, () => olga.click('Page before'));
  assert.deepEqual(await numbers(olga), seen[3]);
  await olga.page.reload();
  await olga.settled();
  assert.deepEqual(await numbers(olga), seen[3]);
  await olga.sees('Page 4');
  // Another list begins at its first page.
  await olga.fill('Find', seen[0][7]);
  await olga.page.waitForFunction(() => document.querySelectorAll('#content tbody tr').length === 1);
  assert.deepEqual(await numbers(olga), [seen[0][7]]);
  assert.ok(!olga.page.url().includes('page='));
  olga.checkNothingWentWrong();
});

story('what is selected stays so on other pages', async () => {
  const olga = await lab.person('olga');
  await olga.signIn();
  await olga.go('/outbox');
  const select = () => olga.page.$eval('#content thead input[type=checkbox]', (one) => one.click());
  await select();
  await olga.sees('50 selected');
  const first = await olga.page.$eval('#content tbody tr', (one) => one.innerText);
  await olga.click('Next page');
  await olga.page.waitForFunction((before) => document.querySelector('#content tbody tr')?.innerText !== before, {}, first);
  await olga.sees('50 selected');
  await olga.page.$eval('#content tbody input[type=checkbox]', (one) => one.click());
  await olga.sees('51 selected');
  await olga.choose('Channel', 'SMS');
  await olga.page.waitForFunction(() => !document.querySelector('[data-testid=bulk]'));
  olga.checkNothingWentWrong();
});

story('what a session that ended refused is done once its user is back', async () => {
  const petra = await lab.person('petra');
  await petra.signIn();
  await petra.go('/segments/companies');
  await petra.fill('Title', 'Firms of all sizes');
  const cookies = await petra.page.cookies();
  await petra.page.deleteCookie(...cookies.map(({ name }) => ({ name, url: lab.bank.base })));
  await petra.click('Save');
  await petra.fill('Password', 'correct horse battery');
  await petra.page.keyboard.press('Enter');
  await petra.page.waitForFunction(() => [...document.querySelectorAll('[role=alert]')].some((one) => one.textContent.trim() === 'Saved'), { timeout: 20_000 });
  assert.ok(!/sign in first/.test(await petra.text()));
  const { body } = await petra.ask('get', '/segments/companies');
  assert.equal(body.title, 'Firms of all sizes');
  petra.checkNothingWentWrong();
});
