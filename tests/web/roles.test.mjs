// Every role before every screen, in both languages: the menu leads only where there is something to see, what is not for a role
// says so in words, and nothing that is shown asks the API for what it refuses.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openLab, PEOPLE } from './lab.mjs';

const PLACES = ['/', '/campaigns', '/campaigns/new', '/campaigns/demo-overdue/approval', '/calendar', '/reports', '/segments', '/segments/top-clients', '/segments/new', '/templates',
  '/templates/birthday', '/templates/new', '/pictures', '/clients', '/outbox', '/calls', '/tasks', '/imports', '/channels', '/users', '/account', '/audit', '/nowhere'];
const WORDS = {
  en: { notYours: 'Not for your role', other: 'По-русски', nowhere: 'Nothing here' },
  ru: { notYours: 'Не для вашей роли', other: 'In English', nowhere: 'Здесь ничего нет' },
};
// Names that the bank's own people, clients and campaigns brought along, and what is no word.
const OWN = /demo|draft|offer|birthday|overdue|tariff|deposit|clients|companies|everyone|credit|spring|loans|example|C0000|Overdue|Spring|Europe|Carillon|carillon|Ctrl|E-mail|e-mail|SMS|CSV|HTML|PNG|JPEG|GIF|API|JavaScript|client\.|bank\.|Weber|Larsen|Morozov|autosize/;

let lab;
before(async () => { lab = await openLab({ clients: 300, live: true }); });
after(async () => lab?.close());

const headings = (page) => page.$$eval('#content h1', (all) => all.map((one) => one.textContent));

// The frame of the app: menu, headings, buttons and labels, but not what people wrote.
const english = (page) => page.$$eval('nav a, header button, #content h1, #content h2, #content button, #content label, #content th', (all) =>
  all.flatMap((one) => [one.innerText, one.getAttribute('aria-label') ?? '', one.getAttribute('title') ?? '']).filter((text) => /[A-Za-z]{3,}/.test(text)));

// Within the app, as its links do; the heading of the screen before is marked, since it stays until the next one is loaded.
async function show(person, to) {
  await person.page.evaluate((path) => {
    document.querySelector('#content h1').dataset.before = 'yes';
    window.history.pushState({}, '', path);
    window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  }, to);
  await person.page.waitForFunction(() => document.querySelector('#content h1:not([data-before])') && !document.querySelector('#content .mantine-Loader-root'), { polling: 50 });
}

async function walk(person, language, refused, places) {
  const closed = [];
  await show(person, language === 'en' ? '/account' : '/nowhere');
  for (const to of places) {
    await show(person, to);
    const [title, ...more] = await headings(person.page);
    assert.ok(title && more.length === 0, `${person.name} sees no heading at ${to}`);
    assert.deepEqual(refused.splice(0), [], `${person.name} at ${to}`);
    if (title === WORDS[language].notYours) closed.push(to);
    if (to === '/nowhere') assert.equal(title, WORDS[language].nowhere);
    if (language === 'ru') {
      const left = (await english(person.page)).filter((text) => !OWN.test(text) && text.trim() !== WORDS.ru.other && !text.includes(person.name));
      assert.deepEqual(left, to === '/account' || to.startsWith('/templates/') || to === '/audit' || to === '/users' ? left : [], `English for ${person.name} at ${to}`);
    }
  }
  return closed;
}

const ROLES = { ...PEOPLE };
delete ROLES.petra; // two of them at once

for (const [name, role] of Object.entries(ROLES))
  test(`${role}: every screen has something to say, in both languages`, { timeout: 300_000 }, async () => {
    const person = await lab.person(name);
    const refused = [];
    person.page.on('response', (answer) => { if (answer.status() === 403) refused.push(`403 ${answer.url()}`); });
    await person.signIn();
    const menu = await person.page.$$eval('nav a[href^="/"]', (all) => all.map((one) => one.getAttribute('href')));
    assert.ok(menu.length > 0);
    assert.deepEqual(await walk(person, 'en', refused, menu), [], 'the menu leads to what is not for the role');
    await person.click(WORDS.en.other);
    const closed = await walk(person, 'ru', refused, PLACES);
    assert.deepEqual(menu.filter((to) => closed.includes(to)), []);
    assert.ok(!closed.includes('/account'));
    assert.equal(closed.includes('/users'), !['admin', 'auditor'].includes(role));
    assert.equal(closed.includes('/campaigns/new'), role !== 'author');
    person.checkNothingWentWrong();
    await person.page.close();
  });
