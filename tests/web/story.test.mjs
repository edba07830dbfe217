// The whole way of a campaign through the browser, as the people of the bank go it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, TODAY } from './lab.mjs';

const FIRST_NAMES = ['Олег', 'Инна', 'Пётр', 'Вера', 'Глеб'];
let lab, anna, petra, boris, olga, dmitri;

before(async () => {
  lab = await openLab({ clients: 300 });
  [anna, petra, boris, olga, dmitri] = await Promise.all(['anna', 'petra', 'boris', 'olga', 'dmitri'].map((name) => lab.person(name)));
  for (const person of [anna, petra, boris, olga, dmitri]) await person.signIn();
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

// A file as a bank makes it: BOM, semicolons, headings of its own, three rows that are no clients.
async function importsTheFile() {
  const good = Array.from({ length: 5 }, (_, n) => `V000000${n};Вешний;${FIRST_NAMES[n]};1980-01-0${n + 1};v${n}@example.com`);
  const file = join(lab.bank.folder, 'spring.csv');
  writeFileSync(file, `\ufeff${['number;last name;first name;birth;mail', ...good, 'V0000010;Вешний;Пётр;yesterday;x@example.com', ';Безномера;Анна;1980-01-01;y@example.com',
    'V0000012;Вешний;Иван;1980-13-45;z@example.com'].join('\r\n')}\r\n`);
  await dmitri.go('/imports');
  await (await dmitri.page.$('input[type=file]')).uploadFile(file);
  await dmitri.click('Look into it');
  await dmitri.sees('delimiter “;”');
  const fields = { number: 'external_id', 'last name': 'last_name', 'first name': 'first_name', birth: 'birth_date', mail: 'email' };
  for (const [column, field] of Object.entries(fields)) await dmitri.choose(`What ${column} is`, field);
  await dmitri.click('Try it');
  await dmitri.sees('nothing has been stored');
  await dmitri.sees(/Rows rejected\s+3/);
  await dmitri.click('Import 5 rows');
  await dmitri.page.waitForFunction(() => !document.body.innerText.includes('nothing has been stored'));
  await dmitri.sees(/Rows imported\s+5/);
  const csv = await dmitri.page.$eval('a[download]', async (one) => (await fetch(one.href)).text());
  // The heading and three rows; each says its number as a spreadsheet counts and what was expected.
  assert.equal(csv.trim().split('\n').length, 4, csv);
  for (const row of ['yesterday', 'Безномера', '1980-13-45']) assert.ok(csv.includes(row), csv);
}

async function buildsTheSegment() {
  await petra.go('/segments/new');
  await petra.fill('Name', 'spring');
  await petra.fill('Title', 'Spring people');
  await petra.page.waitForFunction(() => /\d/.test(document.querySelector('[data-testid=count]').textContent));
  const everybody = await petra.number('count');
  assert.equal(everybody, 305);
  await petra.click('+ rule');
  await petra.choose('Field', 'kind');
  await petra.choose('Value', 'person');
  await petra.page.waitForFunction((n) => Number(document.querySelector('[data-testid=count]').textContent.replace(/\D/g, '')) < n, {}, everybody);
  await petra.sees('kind is');
  await petra.page.waitForSelector('[data-testid=waterfall-email]');
  await petra.sees('there is no consent for this channel and purpose');
  await petra.click('Save');
  await petra.sees('Saved');
  await petra.page.waitForFunction(() => location.pathname === '/segments/spring');
}

const mail = () => petra.mail();
const mailHas = (text) => petra.mailHas(text);

// Both languages, from blocks; the client's own name is in them.
async function writesTheMail() {
  await petra.go('/templates/new');
  await petra.fill('Name', 'spring-mail');
  await petra.choose('Language', 'en');
  await petra.fill('Subject', 'Spring, {{client.first_name}}');
  await petra.click('Start with a ready layout');
  await petra.click('Button Find out more → https://');
  await petra.fill('Where it leads', 'https://carillon-bank.example/spring');
  await mailHas('href="https://carillon-bank.example/spring"');
  await petra.choose('Language', 'ru');
  await petra.fill('Subject', 'Весна, {{client.first_name}}');
  await petra.click('Start with a ready layout');
  await petra.click('Button Подробнее → https://');
  await petra.fill('Where it leads', 'https://carillon-bank.example/vesna');
  await mailHas('href="https://carillon-bank.example/vesna"');
}

// Three of those found by a name, one after the other, each greeted by his own; then back.
async function looksAtItAsThreeClients() {
  await petra.fill('As client', 'Вешний');
  await petra.page.waitForFunction(() => [...document.querySelectorAll('[role=option]')].filter((one) => one.textContent.includes('Вешний')).length === 5);
  await petra.page.$$eval('[role=option]', (all) => all.find((one) => one.textContent.includes('V0000000')).click());
  for (const [at, name] of FIRST_NAMES.slice(0, 3).entries()) {
    if (at > 0) await petra.click('Next');
    await mailHas(`${name}, здравствуйте!`);
    assert.match(await (await petra.field('As client')).evaluate((one) => one.value), new RegExp(`${name}.*V000000${at}`));
  }
  await petra.click('Previous');
  await mailHas(`${FIRST_NAMES[1]}, здравствуйте!`);
  assert.doesNotMatch(await mail(), /\{\{/);
}

const mailsWritten = () => readdirSync(join(lab.bank.folder, 'demo-bank/outbox'), { recursive: true }).filter((name) => name.endsWith('.eml')).map((name) => readFileSync(join(lab.bank.folder, 'demo-bank/outbox', name), 'utf8'));

// RFC 2047 as far as our own mails use it: words in base64 or quoted, between them folded lines.
function subjectOf(written) {
  const folded = /^Subject: ?((?:.|\r?\n[ \t])*)/m.exec(written)[1];
  const bytes = folded.replace(/\?=\s+=\?/g, '?==?').replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind, text) => /b/i.test(kind)
    ? Buffer.from(text, 'base64').toString('latin1')
    : text.replace(/_/g, ' ').replace(/=([0-9A-F]{2})/gi, (__, code) => String.fromCharCode(parseInt(code, 16))));
  return Buffer.from(bytes, 'latin1').toString('utf8').trim();
}

async function sendsATest() {
  await petra.click('Send a test');
  await petra.sees('goes to the addresses below only');
  await petra.sees(/With the values of: V0000001/);
  await petra.fill('To', 'petra@carillon-bank.example');
  await petra.click('Send a test');
  await petra.sees(/petra@carillon-bank\.example\s+Accepted/);
  await petra.click('Close');
  await petra.page.waitForFunction(() => !document.querySelector('[role=dialog]'));
  const [test, ...others] = mailsWritten();
  assert.deepEqual(others, []);
  assert.match(test, /^To: .*petra@carillon-bank\.example/m);
  assert.doesNotMatch(test, /v1@example\.com/);
  assert.equal(subjectOf(test), `[проверка] Весна, ${FIRST_NAMES[1]}`);
  await petra.click('Save');
  await petra.sees('Saved');
  await petra.page.waitForFunction(() => location.pathname === '/templates/spring-mail');
}

async function makesTheCampaign() {
  await petra.go('/campaigns/new');
  await petra.fill('Title', 'Spring offer');
  await petra.fill('Name', 'spring');
  await petra.choose('Segment', 'Spring people (spring)');
  await petra.sees('Clients in the segment');
  await petra.click('Next');
  await petra.click('Add a message');
  await petra.choose('Template', 'spring-mail');
  await petra.click('Next');
  await petra.sees('The draft is kept');
  await petra.page.waitForFunction(() => location.pathname === '/campaigns/spring/edit' && location.search === '?step=schedule');
  await petra.pick('Date', TODAY);
  await petra.pick('Time', '12:00');
  await petra.sees('Once: 24 November 2026 at 12:00');
  await petra.click('Next');
  await petra.sees('Before the launch');
  await petra.sees('Will get it');
  // What was kept is there again after a jump back and a reload.
  await petra.go('/campaigns/spring/edit?step=schedule');
  await petra.sees('Once: 24 November 2026 at 12:00');
  await petra.click('Next');
  await petra.sees('Before the launch');
  await petra.click('Next');
  await petra.click('Ask for approval');
  await petra.sees('It waits for approval now');
}

// She is an approver, too, and still not of her own work: neither on the page nor past it.
async function isRefusedHerOwnApproval() {
  await petra.go('/campaigns/spring/approval');
  await petra.sees('Nobody approves his own work');
  await petra.sees('Fingerprint of the content');
  assert.deepEqual(await petra.page.$$eval('main button', (all) => all.map((one) => one.textContent).filter((text) => text === 'Approve')), []);
  const { hash } = (await petra.ask('get', '/campaigns/spring')).body;
  const refused = await petra.ask('post', '/campaigns/spring/approve', { hash });
  assert.deepEqual([refused.status, refused.body.code], [403, 'approval.own_work']);
  assert.equal((await petra.ask('get', '/campaigns/spring')).body.state, 'submitted');
}

async function approves() {
  await boris.go('/');
  await boris.sees('Approve: ');
  await boris.go('/campaigns/spring/approval');
  await boris.sees('What it stands on');
  await boris.sees('Nothing of it has been approved before');
  await boris.click('Approve');
  await boris.sees('Approve this content?');
  await boris.click('Approve');
  await boris.sees('Approved.');
}

// The numbers of each channel and the name typed; a launch taken back, and one that stays.
async function launches() {
  await olga.go('/campaigns/spring');
  await olga.click('Start');
  await olga.sees('Type spring to confirm');
  await olga.sees(/In the next 30 days: \d+ messages\./);
  await olga.page.waitForFunction(() => /^E-mail\s*\d+/.test(document.querySelector('[data-testid=launch-channels] tbody tr')?.innerText ?? ''));
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
}

async function watchesPausesAndResumes() {
  await olga.sees(/\d+ of \d+ settled/);
  await olga.page.waitForFunction(() => /Sent\s+[1-9]/.test(document.body.innerText));
  await olga.sees('By channel');
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
  // And it is true: no address has it twice, apart from the test.
  const addressed = mailsWritten().map((one) => /^To:[^]*?([^\s<>"]+@[^\s<>"]+)/m.exec(one)[1]);
  assert.ok(addressed.length > 10, `${addressed.length} mails`);
  assert.equal(new Set(addressed).size, addressed.length);
}

// From a number of the report to the client behind it, and to the very message he got.
async function readsTheReport() {
  await boris.go('/campaigns/spring/report');
  await boris.page.waitForSelector('table[aria-label^="Clients by how far"] a[href*="step=sent"]');
  await boris.page.click('table[aria-label^="Clients by how far"] a[href*="step=sent"]');
  await boris.page.waitForSelector('table tbody a[href^="/clients/"]');
  const client = await boris.page.$eval('table tbody a[href^="/clients/"]', (one) => one.textContent);
  await olga.go(`/clients/${client}?tab=messages`);
  await olga.click('Show');
  const html = await olga.mailHas('carillon-bank.example', '[role=dialog] [data-testid=content]');
  assert.equal(await olga.page.$eval('[data-testid=content] iframe', (one) => one.getAttribute('sandbox')), '');
  assert.match(html, /Dear \p{L}+,|\p{L}+, здравствуйте!/u);
}

async function findsOutWhyAnotherWasLeftOut() {
  await boris.go('/campaigns/spring/report?step=left_out');
  await boris.page.waitForSelector('table tbody a[href^="/clients/"]');
  await olga.go('/clients/V0000001?tab=why&campaign=spring');
  await olga.sees('left out');
  await olga.sees('there is no consent for this channel and purpose');
}

story('from a file to why somebody was left out: the whole way of a campaign', async () => {
  await importsTheFile();
  await buildsTheSegment();
  await writesTheMail();
  await looksAtItAsThreeClients();
  await sendsATest();
  await makesTheCampaign();
  await isRefusedHerOwnApproval();
  await approves();
  await launches();
  await watchesPausesAndResumes();
  await readsTheReport();
  await findsOutWhyAnotherWasLeftOut();
});

story('a segment says who is in it, and why a client is not', async () => {
  await anna.go('/segments/spring');
  await anna.click('Show 20');
  await anna.page.waitForSelector('table[aria-label="Some who match"] tbody tr');
  assert.equal(await anna.page.$$eval('table[aria-label="Some who match"] tbody tr', (rows) => rows.length), 20);
  const outsider = /^(C\d{8}),company,/m.exec(readFileSync(join(lab.bank.folder, 'demo-bank/data/clients.csv'), 'utf8'))[1];
  await anna.fill('Number of the client', outsider);
  await anna.click('Explain');
  await anna.sees(`${outsider} is not in the segment`);
  await anna.sees('does not hold');
});

story('a group of rules can be nested, negated and copied, and is told in words', async () => {
  await anna.go('/segments/spring');
  const groups = () => anna.page.$$eval('.builder .ruleGroup', (all) => all.length);
  const before = await groups();
  await anna.click('+ group');
  await anna.page.waitForFunction((n) => document.querySelectorAll('.builder .ruleGroup').length === n + 1, {}, before);
  await anna.click('Copy');
  await anna.page.waitForFunction((n) => document.querySelectorAll('.builder .ruleGroup').length === n + 2, {}, before);
  const words = () => anna.page.$eval('[data-testid=in-words]', (one) => one.textContent);
  assert.match(await words(), /kind is person/);
  await anna.page.$eval('.builder input[type=checkbox]', (one) => one.click());
  await anna.page.waitForFunction(() => /not \(.*kind is person/.test(document.querySelector('[data-testid=in-words]').textContent));
});

story('a segment, a template and a campaign are duplicated from their list and from their page', async () => {
  for (const [place, name] of [['segments', 'spring'], ['templates', 'spring-mail']]) {
    await anna.go(`/${place}/${name}`);
    await anna.click('Duplicate');
    await anna.page.waitForFunction((path) => location.pathname === path, {}, `/${place}/new`);
    await anna.settled();
    assert.equal(await (await anna.field('Name')).evaluate((one) => one.value), `${name}-2`);
    await anna.click('Save');
    await anna.sees('Saved');
    await anna.page.waitForFunction((path) => location.pathname === path, {}, `/${place}/${name}-2`);
    const [first, copy] = [await anna.ask('get', `/${place}/${name}`), await anna.ask('get', `/${place}/${name}-2`)];
    assert.deepEqual({ ...copy.body.content, name: '' }, { ...first.body.content, name: '' });
    await anna.go(`/${place}`);
    await anna.click(`Duplicate ${place === 'segments' ? 'Spring people' : name}`);
    await anna.page.waitForFunction((path) => location.pathname === path, {}, `/${place}/new`);
  }
  for (const [path, button, copy] of [['/campaigns/spring', 'Duplicate', 'spring-2'], ['/campaigns', 'Duplicate Spring offer', 'spring-3']]) {
    await anna.go(path);
    await anna.click(button);
    await anna.fill('Name of the copy', copy);
    await anna.click('Duplicate');
    await anna.page.waitForFunction((wanted) => location.pathname === wanted, {}, `/campaigns/${copy}/edit`);
    assert.equal((await anna.ask('get', `/campaigns/${copy}`)).body.state, 'draft');
  }
});

story('work can be sent back with a comment; later approvals show what has changed since the first', async () => {
  assert.equal((await anna.ask('post', '/campaigns/spring-2/submit')).status, 200);
  await boris.go('/campaigns/spring-2/approval');
  await boris.click('Ask for changes');
  await boris.fill('What should be changed', 'Please say in the title that it is the second one');
  await boris.click('Ask for changes');
  await anna.go('/campaigns/spring-2');
  await anna.sees('say in the title that it is the second one');
  assert.equal((await anna.ask('post', '/campaigns/spring-2/submit')).status, 200);
  const { hash } = (await boris.ask('get', '/campaigns/spring-2')).body;
  assert.equal((await boris.ask('post', '/campaigns/spring-2/approve', { hash })).status, 200);
  await anna.go('/campaigns/spring-2/edit');
  await anna.fill('Title', 'Spring offer, the second one');
  await anna.click('Next');
  await anna.sees('The draft is kept');
  await boris.go('/campaigns/spring-2/approval');
  await boris.sees(/What has changed since boris approved it/);
  await boris.sees(/Title\s+Spring offer\s+Spring offer, the second one/);
});

story('in the code of a template fields are completed and mistakes underlined', async () => {
  await anna.go('/templates/new');
  await anna.fill('Name', 'by-hand');
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
  await anna.page.keyboard.sendCharacter('<p>Your manager {{client.manager}}. <a href="{{unsubscribe_url}}">Unsubscribe</a></p>');
  await anna.fill('As client', 'Вешний');
  await anna.page.waitForFunction(() => [...document.querySelectorAll('[role=option]')].some((one) => one.textContent.includes('V0000000')));
  await anna.page.$$eval('[role=option]', (all) => all.find((one) => one.textContent.includes('V0000000')).click());
  await anna.sees(/Missing:\s+client\.manager/);
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
