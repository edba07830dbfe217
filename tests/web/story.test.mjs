// The whole way of a campaign through the browser, as the people of the bank go it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, TODAY } from './lab.mjs';

let lab, anna, boris, olga, dmitri;

before(async () => {
  lab = await openLab({ clients: 300 });
  [anna, boris, olga, dmitri] = await Promise.all(['anna', 'boris', 'olga', 'dmitri'].map((name) => lab.person(name)));
  for (const person of [anna, boris, olga, dmitri]) await person.signIn();
});
after(async () => lab?.close());

function story(name, tell) {
  test(name, async () => {
    await tell();
    for (const person of lab.people) person.checkNothingWentWrong();
  });
}

const tabs = (person) => person.page.$$eval('nav a', (links) => links.map((link) => link.textContent));

story('the menu shows a person what the role may see and nothing else', async () => {
  assert.ok((await tabs(anna)).includes('Segments'));
  assert.ok(!(await tabs(anna)).includes('Users'));
  assert.ok((await tabs(dmitri)).includes('Import'));
});

story('a wrong password says so, without saying which part was wrong', async () => {
  const stranger = await lab.person('nobody');
  await stranger.page.goto(`${lab.bank.base}/`);
  await stranger.fill('User', 'nobody');
  await stranger.fill('Password', 'wrong password');
  await stranger.click('Sign in');
  await stranger.sees('The user or the password is wrong');
});

story('a file with three bad rows comes in: tried first, refused rows with their reasons', async () => {
  const good = Array.from({ length: 5 }, (_, n) => `V000000${n};Вешний;Олег;1980-01-0${n + 1};v${n}@example.com`);
  const file = join(lab.bank.folder, 'spring.csv');
  writeFileSync(file, ['number;last name;first name;birth;mail', ...good, 'V0000010;Вешний;Пётр;yesterday;x@example.com', ';Безномера;Анна;1980-01-01;y@example.com',
    'V0000012;Вешний;Иван;1980-13-45;z@example.com'].join('\r\n'));
  await dmitri.go('/imports');
  await (await dmitri.page.$('input[type=file]')).uploadFile(file);
  await dmitri.click('Look into it');
  const fields = { number: 'external_id', 'last name': 'last_name', 'first name': 'first_name', birth: 'birth_date', mail: 'email' };
  for (const [column, field] of Object.entries(fields)) await dmitri.choose(`What ${column} is`, field);
  await dmitri.click('Try it');
  await dmitri.sees(/Rows rejected\s+3/);
  await dmitri.click('Import 5 rows');
  await dmitri.sees(/Rows imported\s+5/);
  assert.ok(await dmitri.page.$('a[download]'), 'the refused rows can be downloaded');
});

story('a segment counts while it is written, and says why a client is not in it', async () => {
  await anna.go('/segments/new');
  await anna.fill('Name', 'spring');
  await anna.fill('Title', 'Spring people');
  await anna.page.waitForFunction(() => /\d/.test(document.querySelector('[data-testid=count]').textContent));
  const everybody = await anna.number('count');
  assert.equal(everybody, 305);
  await anna.click('+ rule');
  await anna.choose('Field', 'kind');
  await anna.choose('Value', 'person');
  await anna.page.waitForFunction((n) => Number(document.querySelector('[data-testid=count]').textContent.replace(/\D/g, '')) < n, {}, everybody);
  await anna.sees('kind is');
  await anna.page.waitForSelector('[data-testid=waterfall-email]');
  await anna.sees('there is no consent for this channel and purpose');
  await anna.click('Show 20');
  await anna.page.waitForSelector('table[aria-label="Some who match"] tbody tr');
  await anna.click('Save');
  await anna.sees('Saved');
  await anna.page.waitForFunction(() => location.pathname === '/segments/spring');
  await anna.settled();
  const outsider = /^(C\d{8}),company,/m.exec(readFileSync(join(lab.bank.folder, 'demo-bank/data/clients.csv'), 'utf8'))[1];
  await anna.fill('Number of the client', outsider);
  await anna.click('Explain');
  await anna.sees(`${outsider} is not in the segment`);
  await anna.sees('does not hold');
});

story('a group of rules can be nested, negated and copied', async () => {
  await anna.go('/segments/spring');
  await anna.click('+ group');
  await anna.click('Copy');
  const groups = await anna.page.$$('.builder .ruleGroup');
  assert.ok(groups.length >= 2, `${groups.length} groups`);
});

story('a template: fields are completed, mistakes underlined, the preview is one client’s', async () => {
  await anna.go('/templates/new');
  await anna.fill('Name', 'spring-mail');
  await anna.choose('Language', 'en');
  await anna.fill('Subject', 'Spring, {{client.first_name}}');
  await anna.click('Code');
  await anna.page.click('.cm-content');
  await anna.page.keyboard.type('<p>Hello {{client.frist');
  await anna.page.keyboard.type('_name}}</p>');
  await anna.sees('mistake');
  await anna.page.waitForSelector('.cm-lintRange-error');
  await anna.press('Control', 'KeyA');
  await anna.press('Backspace');
  await anna.page.keyboard.type('<p>Hello {{client.first');
  await anna.page.waitForSelector('.cm-tooltip-autocomplete');
  await anna.press('Escape');
  await anna.press('Control', 'KeyA');
  await anna.press('Backspace');
  await anna.page.keyboard.sendCharacter('<p>Hello {{client.first_name}}. <a href="{{unsubscribe_url}}">Unsubscribe</a></p>');
  await anna.choose('Language', 'ru');
  await anna.fill('Subject', 'Весна');
  await anna.click('Code');
  await anna.page.click('.cm-content');
  await anna.press('Control', 'KeyA');
  await anna.page.keyboard.sendCharacter('<p>Здравствуйте, {{client.first_name}}! <a href="{{unsubscribe_url}}">Отписаться</a></p>');
  await anna.page.waitForFunction(() => document.querySelector('[data-testid=preview] iframe')?.srcdoc.includes('Здравствуйте, '));
  await chooseFirstClient(anna);
  for (const name of ['Next', 'Next', 'Previous']) await anna.click(name);
  await anna.page.waitForFunction(() => document.querySelector('[data-testid=preview] iframe')?.srcdoc.includes('Здравствуйте, '));
  await anna.click('Save');
  await anna.sees('Saved');
});

async function chooseFirstClient(person) {
  await (await person.field('As client')).click();
  const first = await person.page.waitForSelector('[role=option]');
  await first.evaluate((one) => one.click());
}

story('the wizard keeps the draft at every step, checks it and asks for approval', async () => {
  await anna.go('/campaigns/new');
  await anna.fill('Title', 'Spring offer');
  await anna.fill('Name', 'spring');
  await anna.choose('Segment', 'Spring people (spring)');
  await anna.sees('Clients in the segment');
  await anna.click('Next');
  await anna.click('Add a message');
  await anna.choose('Template', 'spring-mail');
  await anna.click('Next');
  await anna.sees('The draft is kept');
  await anna.page.waitForFunction(() => location.pathname === '/campaigns/spring/edit' && location.search === '?step=schedule');
  await anna.pick('Date', TODAY);
  await anna.pick('Time', '12:00');
  await anna.sees('Once: 24 November 2026 at 12:00');
  await anna.click('Next');
  await anna.sees('Before the launch');
  await anna.sees('Will get it');
  await anna.click('Next');
  await anna.click('Ask for approval');
  await anna.sees('It waits for approval now');
});

story('nobody approves his own work; another person sees what it is and approves', async () => {
  await anna.go('/campaigns/spring/approval');
  await anna.sees('Fingerprint of the content');
  assert.ok(!(await anna.text()).includes('Approve\n'));
  await boris.go('/');
  await boris.sees('Approve: ');
  await boris.go('/campaigns/spring/approval');
  await boris.sees('What it stands on');
  await boris.sees('Nothing of it has been approved before');
  await boris.click('Approve');
  await boris.sees('Approve this content?');
  await boris.click('Approve');
  await boris.sees('Approved.');
});

story('the launch says how many it will be and wants the name typed', async () => {
  await olga.go('/campaigns/spring');
  await olga.click('Start');
  await olga.sees('Type spring to confirm');
  await olga.sees('In the next 30 days');
  await olga.fill('Type spring to confirm', 'sprong');
  assert.equal(await olga.page.$eval('[role=dialog] button[type=submit]', (one) => one.disabled), true);
  await olga.fill('Type spring to confirm', 'spring');
  await olga.click('Start');
  await olga.sees('The launch can still be undone');
  await olga.sees('Nothing has been planned or sent yet');
  await olga.click('Undo the launch');
  await olga.sees('The launch was taken back');
  await olga.page.waitForFunction(() => !document.querySelector('[data-testid=launching]'));
  await olga.click('Start');
  await olga.choose('Time to change your mind', 'none: it starts at once');
  await olga.fill('Type spring to confirm', 'spring');
  await olga.click('Start');
  await olga.sees('Started.');
  await olga.sees(/\d+ of \d+ settled/);
});

story('pause and resume say that nobody gets it twice', async () => {
  await olga.page.waitForFunction(() => /Sent\s+[1-9]/.test(document.body.innerText));
  await olga.click('Pause');
  await olga.sees('already sent stay sent');
  await olga.fill('Reason', 'a look at the first answers');
  await olga.click('Pause');
  await olga.sees('Paused.');
  await olga.sees('a look at the first answers');
  await olga.click('Resume');
  await olga.sees('already sent will not get it again');
  await olga.click('Resume');
  await olga.sees('It goes on.');
});

story('every number of the report opens the clients behind it, and a client shows the exact message', async () => {
  await olga.go('/outbox?campaign=spring&state=accepted,delivered');
  await olga.page.waitForSelector('table[aria-label=Outbox] tbody a[href^="/outbox/"]');
  await olga.page.click('table[aria-label=Outbox] tbody a[href^="/outbox/"]');
  await olga.sees('What happened');
  await olga.click('Show the message');
  await olga.page.waitForFunction(() => document.querySelector('[data-testid=content] iframe')?.srcdoc.length > 0);
  const frame = await olga.page.$eval('[data-testid=content] iframe', (one) => ({ sandbox: one.getAttribute('sandbox'), html: one.srcdoc }));
  assert.equal(frame.sandbox, '');
  assert.match(frame.html, /Hello |Здравствуйте, /);
  await boris.go('/campaigns/spring/report');
  await boris.page.waitForSelector('a[href*="step=left_out"]');
  await boris.page.click('a[href*="step=left_out"]');
  await boris.page.waitForSelector('table tbody a[href^="/clients/"]');
});

story('why somebody was left out', async () => {
  await olga.go('/outbox?campaign=spring&state=skipped');
  await olga.page.waitForSelector('table[aria-label=Outbox] tbody a[href^="/clients/"]');
  await olga.page.click('table[aria-label=Outbox] tbody a[href^="/clients/"]');
  await olga.sees('left out');
  await olga.sees('Why, and why not');
});

story('Ctrl+K finds clients, campaigns and pages; Back works', async () => {
  await anna.go('/campaigns');
  await anna.press('Control', 'KeyK');
  await anna.page.waitForSelector('.mantine-Spotlight-search, input[aria-label=Search]');
  await anna.page.keyboard.type('spring');
  await anna.sees('Spring offer');
  await anna.click('Spring offerspring');
  await anna.page.waitForFunction(() => location.pathname === '/campaigns/spring');
  await anna.page.goBack();
  await anna.page.waitForFunction(() => location.pathname === '/campaigns');
});
