// Every screen in both languages and both themes: nothing serious for axe, nothing in the console, nothing from elsewhere;
// on a telephone nothing is wider than it. With CARILLON_SCREENSHOTS=FOLDER the pictures of the documentation are written
// there, with CARILLON_SCREENSHOTS_ALL=1 every screen in every look and in its whole length.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, TODAY } from './lab.mjs';

const PICTURES = process.env.CARILLON_SCREENSHOTS;
const ALL = Boolean(process.env.CARILLON_SCREENSHOTS_ALL);
const SCREENS = [
  ['boris', 'dashboard', '/'],
  ['anna', 'campaigns', '/campaigns'],
  ['boris', 'campaign', '/campaigns/demo-deposit'],
  ['boris', 'campaign-checks', '/campaigns/demo-deposit/checks'],
  ['boris', 'campaign-approval', '/campaigns/demo-deposit/approval'],
  ['olga', 'campaign-progress', '/campaigns/demo-spring/progress'],
  ['olga', 'campaign-failures', '/campaigns/demo-overdue/failures'],
  ['boris', 'campaign-report', '/campaigns/demo-spring/report'],
  ['anna', 'wizard-audience', '/campaigns/demo-deposit/edit'],
  ['anna', 'wizard-message', '/campaigns/demo-deposit/edit?step=message'],
  ['anna', 'wizard-schedule', '/campaigns/demo-deposit/edit?step=schedule'],
  ['boris', 'reports', '/reports'],
  ['boris', 'reports-compare', '/reports/compare?names=demo-spring,demo-overdue'],
  ['boris', 'reports-bank', `/reports/bank?from=2026-11-01&to=${TODAY}&by=day`],
  ['boris', 'reports-profit', '/reports/profit'],
  ['boris', 'calendar', '/calendar?month=2026-11'],
  ['boris', 'calendar-week', `/calendar?view=week&day=${TODAY}`],
  ['anna', 'segments', '/segments'],
  ['anna', 'segment', '/segments/top-clients'],
  ['anna', 'templates', '/templates'],
  ['anna', 'template', '/templates/birthday'],
  ['anna', 'template-blocks', '/templates/spring-offer'],
  ['anna', 'template-letter', '/templates/overdue-letter'],
  ['anna', 'template-sms', '/templates/overdue-sms'],
  ['anna', 'pictures', '/pictures'],
  ['olga', 'clients', '/clients'],
  ['olga', 'client', '/clients/C00000007'],
  ['olga', 'client-messages', '/clients/C00000007?tab=messages'],
  ['dmitri', 'client-personal', '/clients/C00000007'],
  ['olga', 'client-why', '/clients/C00000007?tab=why'],
  ['olga', 'outbox', '/outbox'],
  ['olga', 'calls', '/calls'],
  ['maria', 'tasks', '/tasks'],
  ['dmitri', 'imports', '/imports'],
  ['olga', 'channels', '/channels'],
  ['vera', 'users', '/users'],
  ['vera', 'account', '/account'],
  ['ivan', 'audit', '/audit'],
];
const THEME = { en: 'Light or dark', ru: 'Светлая или тёмная тема' };
const LOOKS = [['en', 'light'], ['ru', 'light'], ['ru', 'dark'], ['en', 'dark']];
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const SHOWN = ['segment-ru-dark', 'campaign-report-dark', 'dashboard-ru', 'campaign-ru', 'dashboard-phone', 'campaign-progress-phone', 'client-phone'];

let lab;
const people = new Map();

before(async () => {
  lab = await openLab({ clients: 300, live: true });
  lab.bank.illustrate('login', 'dashboard-phone', 'calendar', 'segment-ru-dark');
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
});
after(async () => lab?.close());

async function somebody(name) {
  if (!people.has(name)) {
    const person = await lab.person(name);
    await person.signIn();
    people.set(name, person);
  }
  return people.get(name);
}

async function look(person, [language, theme]) {
  if ((await person.page.evaluate(() => document.documentElement.lang)) !== language)
    await person.click(language === 'ru' ? 'По-русски' : 'In English');
  await person.page.waitForFunction((wanted) => document.documentElement.lang === wanted, {}, language);
  const themeNow = () => person.page.evaluate(() => document.documentElement.getAttribute('data-mantine-color-scheme'));
  if ((await themeNow()) !== theme) await person.click(language === 'ru' ? THEME.ru : THEME.en);
  await person.page.waitForFunction((wanted) => document.documentElement.getAttribute('data-mantine-color-scheme') === wanted, {}, theme);
  // Colours fade over: what is measured is where they end.
  await person.page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'), { polling: 100 });
}

async function picture(person, name) {
  if (PICTURES && (ALL || !/-(ru|dark|phone)$/.test(name) || SHOWN.includes(name)))
    await person.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: ALL });
}

// What is wider than the telephone would have to be pushed to and fro; tables may be, within themselves.
async function onPhone(person, screen) {
  await person.page.setViewport(PHONE);
  await person.settled();
  const wide = await person.page.evaluate((width) => [document.scrollingElement.scrollWidth > width ? document.scrollingElement.scrollWidth : 0,
    ...[...document.querySelectorAll('#content *')].filter((one) => one.getBoundingClientRect().right > width + 1 && !one.closest('.mantine-TableScrollContainer-scrollContainer, iframe, svg, .cm-editor')).slice(0, 5).map((one) => one.outerHTML.slice(0, 160))], PHONE.width);
  assert.deepEqual(wide, [0], `${screen} on a telephone`);
  await picture(person, `${screen}-phone`);
}

for (const [name, screen, path] of SCREENS)
  test(`${screen} can be read by everybody`, async () => {
    const person = await somebody(name);
    await person.page.setViewport(DESKTOP);
    await person.go(path);
    for (const one of LOOKS) {
      await look(person, one);
      assert.deepEqual(await person.complaints(), [], `${screen} ${one.join(' ')}`);
      await picture(person, `${screen}${one[0] === 'ru' ? '-ru' : ''}${one[1] === 'dark' ? '-dark' : ''}`);
    }
    await look(person, LOOKS[0]);
    await onPhone(person, screen);
    person.checkNothingWentWrong();
  });

test('signing in can be read by everybody', async () => {
  const person = await lab.person('nobody');
  await person.page.goto(`${lab.bank.base}/`);
  await person.page.waitForSelector('input[name=user]');
  assert.deepEqual(await person.complaints(), []);
  await picture(person, 'login');
  person.checkNothingWentWrong();
});
