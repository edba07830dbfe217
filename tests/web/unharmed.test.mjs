// What may come over somebody at a screen: a mail that wants to run, to lead away or to ask elsewhere; a page that is closed
// or a session that ends before something was saved; somebody else who saves the same thing; a link to a tab that is not there.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, TODAY } from './lab.mjs';

let elsewhere, lab, anna, petra, olga;
const asked = []; // of the other host

// Each way out of a mail that we know, all of them to a server that writes down who asks it.
const hostile = (host) => `<!DOCTYPE html><html><head><base href="${host}/"><meta http-equiv="refresh" content="0;url=${host}/refreshed">
<link rel="stylesheet" href="${host}/sheet.css"><style>@import url(${host}/import.css); body{background:url(${host}/ground.png)}
a.here,form.here{position:absolute;left:0;width:400px;height:60px;display:block;background:#eee} form.here button{width:400px;height:60px}</style></head>
<body onload="top.ran='onload'"><p>Dear {{client.first_name}}</p><script>top.ran='script';fetch('${host}/script')</script>
<img src="${host}/picture.png" onerror="top.ran='onerror';fetch('${host}/onerror')"><img src=x onerror="top.ran='onerror'">
<svg onload="top.ran='svg'"><image href="${host}/image.png"></image></svg><iframe src="${host}/frame"></iframe><object data="${host}/object"></object>
<video src="${host}/film.mp4" poster="${host}/poster.png" autoplay></video><table background="${host}/table.png"><tr><td>x</td></tr></table>
<a class="here" style="top:100px" href="javascript:top.ran='link'">one</a>
<a class="here" style="top:200px" href="${host}/top" target="_top">two</a>
<form class="here" style="top:300px" action="${host}/form" target="_top"><button>three</button></form>
<p>{{unsubscribe_url}}</p><a href="{{view_url}}">View in browser</a></body></html>`;
const PRESSED = [130, 230, 330]; // where what can be pressed stands, from the top of the mail

function prepare(bank) {
  const host = `http://127.0.0.1:${elsewhere.address().port}`;
  const apply = (kind, document) => {
    writeFileSync(join(bank.folder, 'document.json'), JSON.stringify(document));
    bank.as('anna', kind, 'apply', 'document.json');
  };
  apply('template', { name: 'hostile', channel: 'email', default_locale: 'en', locales: { en: { subject: 'Hello', html: hostile(host), text: 'Hello {{unsubscribe_url}}' } } });
  const campaign = { objective: 'service', segment: 'active-people', control: { percent: 0 }, steps: [{ channel: 'email', template: 'hostile' }] };
  apply('campaign', { ...campaign, name: 'hostile', title: 'Hostile', schedule: { once: { date: '2026-11-23', time: '12:00' } } });
  for (const [who, act] of [['anna', 'submit'], ['boris', 'approve'], ['olga', 'start']]) bank.as(who, 'campaign', act, 'hostile');
  bank.carillon('run', '--now', '2026-11-22T12:00:00Z', '--until', `${TODAY}T09:00:00Z`);
  apply('campaign', { ...campaign, name: 'quiet', title: 'Quiet', schedule: { once: { date: '2026-12-01', time: '12:00' } } });
}

before(async () => {
  elsewhere = createServer((request, response) => {
    asked.push(request.url);
    response.end('elsewhere');
  });
  await new Promise((done) => elsewhere.listen(0, '127.0.0.1', done));
  lab = await openLab({ clients: 120, prepare });
  [anna, petra, olga] = await Promise.all(['anna', 'petra', 'olga'].map((name) => lab.person(name)));
  for (const person of [anna, petra, olga]) await person.signIn();
});
after(async () => {
  await lab?.close();
  elsewhere?.close();
});

function story(name, tell) {
  test(name, async () => {
    await tell();
    for (const person of lab.people) person.checkNothingWentWrong();
  });
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Everything in the mail is pressed; nothing ran, nobody was asked, and the page is where it was.
async function staysHarmless(person, frame) {
  const address = person.page.url();
  const box = await (await person.page.waitForSelector(frame)).evaluate((one) => {
    one.scrollIntoView({ block: 'start', behavior: 'instant' });
    const { x, y, width } = one.getBoundingClientRect();
    return { x, y, scale: width / one.offsetWidth };
  });
  await pause(500);
  for (const down of PRESSED) await person.page.mouse.click(box.x + 100 * box.scale, box.y + down * box.scale);
  await pause(1_000);
  assert.equal(person.page.url(), address);
  assert.equal(await person.page.evaluate(() => window.ran), undefined);
  assert.equal((await person.context.pages()).length, 1, 'no window was opened');
  assert.deepEqual(asked, []);
  // The browser says on its console what it has refused to do.
  assert.deepEqual(person.troubles.splice(0).filter((one) => one.startsWith('page:')), []);
}

test('the mail is as hostile as it is meant to be', async () => {
  const context = await lab.browser.createBrowserContext();
  const page = await context.newPage();
  await page.setContent(hostile(`http://127.0.0.1:${elsewhere.address().port}`));
  for (const end = Date.now() + 10_000; Date.now() < end && !asked.includes('/refreshed');) await pause(100);
  for (const way of ['/refreshed', '/script', '/picture.png', '/sheet.css', '/frame']) assert.ok(asked.includes(way), `${way}: ${asked}`);
  await context.close();
  asked.length = 0;
});

story('a hostile mail does nothing where a template is previewed, light and dark', async () => {
  await anna.go('/templates/hostile');
  await anna.mailHas('Dear ');
  await staysHarmless(anna, '[data-testid=preview] iframe');
  await anna.click('Dark');
  await anna.mailHas('invert');
  await staysHarmless(anna, '[data-testid=preview] iframe');
});

story('nor where no origin of its own is configured for it', async () => {
  await petra.page.setExtraHTTPHeaders({ 'X-Forwarded-For': '203.0.113.9' });
  await petra.go('/templates/hostile');
  await petra.page.waitForSelector('[data-testid=preview] iframe[srcdoc]');
  await staysHarmless(petra, '[data-testid=preview] iframe');
  await petra.page.setExtraHTTPHeaders({});
});

story('nor in the outbox, nor at a client', async () => {
  const { body } = await olga.ask('get', '/messages?campaign=hostile&state=accepted&limit=1');
  const [message] = body.items;
  await olga.go(`/outbox/${message.id}`);
  await olga.click('Show the message');
  await olga.mailHas('Dear ', '[data-testid=content]');
  await staysHarmless(olga, '[data-testid=content] iframe');
  await olga.go(`/clients/${message.client}?tab=messages`);
  await olga.click('Show');
  await olga.mailHas('Dear ', '[role=dialog] [data-testid=content]');
  await staysHarmless(olga, '[role=dialog] [data-testid=content] iframe');
});

story('nor where its reader opens it in a browser', async () => {
  const mail = readdirSync(join(lab.bank.folder, 'demo-bank/outbox'), { recursive: true }).filter((name) => name.endsWith('.eml'))
    .map((name) => readFileSync(join(lab.bank.folder, 'demo-bank/outbox', name), 'utf8').replace(/=\r?\n/g, '').replace(/=3D/g, '=')).find((text) => text.includes('View in browser'));
  const path = /href="https:\/\/mail\.carillon-bank\.example(\/[^"]+)">View in browser/.exec(mail)[1];
  const context = await lab.browser.createBrowserContext();
  const page = await context.newPage();
  await page.goto(`${lab.bank.base}${path}`);
  await page.waitForFunction(() => document.readyState === 'complete').catch(() => {});
  await pause(1_000);
  for (const down of PRESSED.slice(0, 1)) await page.mouse.click(100, down);
  await pause(500);
  assert.equal(page.url(), `${lab.bank.base}${path}`);
  assert.deepEqual(asked, []);
  await context.close();
});

const valueOf = async (person, label) => (await person.field(label)).evaluate((one) => one.value);
const keptAs = (person, place, text) => person.page.waitForFunction((key, part) => localStorage[`carillon.${key}`]?.includes(part), {}, `anna.draft.${place}`, text);

story('an unsaved segment is offered again after the page was closed, and only if it differs', async () => {
  await anna.go('/segments/companies');
  const before = await valueOf(anna, 'Title');
  await anna.fill('Title', 'Firms');
  await anna.click('+ rule');
  await anna.sees('Kept in this browser');
  await keptAs(anna, 'segment.companies', 'Firms');
  await anna.page.evaluate(() => { localStorage['carillon.petra.draft.segment.everyone'] = localStorage['carillon.anna.draft.segment.companies']; });
  await anna.go('/segments/everyone');
  assert.doesNotMatch(await anna.text(), /you did not save/, "another user's");
  await anna.go('/segments/companies');
  assert.equal(await valueOf(anna, 'Title'), before);
  await anna.sees('There is something here that you did not save.');
  assert.deepEqual(await anna.complaints(), []);
  await anna.click('Take it up again');
  assert.equal(await valueOf(anna, 'Title'), 'Firms');
  const rules = () => anna.page.$$eval('.builder .rule', (all) => all.length);
  const written = await rules();
  await anna.click('Undo');
  assert.equal(await valueOf(anna, 'Title'), before);
  assert.equal(await rules(), written - 1);
  await anna.page.waitForFunction(() => !localStorage['carillon.anna.draft.segment.companies']);
  await anna.go('/segments/companies');
  assert.doesNotMatch(await anna.text(), /you did not save/);
});

story('what somebody else saves meanwhile is told; nothing is lost and nothing overwritten unseen', async () => {
  await anna.go('/segments/companies');
  await petra.go('/segments/companies');
  await anna.fill('Title', 'Firms by Anna');
  await petra.fill('Title', 'Firms by Petra');
  await petra.click('Save');
  await petra.sees('Saved');
  await anna.click('Save');
  await anna.sees('Somebody else has stored a newer version meanwhile.');
  assert.equal(await valueOf(anna, 'Title'), 'Firms by Anna');
  assert.deepEqual(await anna.complaints(), []);
  const stored = async () => (await anna.ask('get', '/segments/companies')).body.title;
  assert.equal(await stored(), 'Firms by Petra');
  await anna.click('Save');
  await anna.sees('Somebody was faster');
  assert.equal(await stored(), 'Firms by Petra');
  await anna.click('Keep mine');
  await anna.click('Save');
  await anna.page.waitForFunction(() => !document.body.innerText.includes('Not saved yet'));
  assert.equal(await stored(), 'Firms by Anna');
  await petra.fill('Title', 'Once more');
  await petra.click('Save');
  await petra.sees('Somebody else has stored a newer version meanwhile.');
  await petra.click('Take the newer one');
  assert.equal(await valueOf(petra, 'Title'), 'Firms by Anna');
});

story('the same for a campaign in the wizard, which says what a change of what is approved costs', async () => {
  await anna.go('/campaigns/quiet/edit');
  await petra.go('/campaigns/quiet/edit');
  await anna.fill('Title', 'Quiet by Anna');
  await petra.fill('Title', 'Quiet by Petra');
  await petra.click('Next');
  await petra.sees('The draft is kept');
  const stored = async () => (await anna.ask('get', '/campaigns/quiet')).body.title;
  for (let again = 0; again < 2; again += 1) {
    await anna.click('Next');
    await anna.sees('Somebody was faster');
    assert.equal(await valueOf(anna, 'Title'), 'Quiet by Anna');
    assert.equal(await stored(), 'Quiet by Petra');
  }
  await anna.click('Keep mine');
  await anna.click('Next');
  await anna.sees('Message 1');
  assert.equal(await stored(), 'Quiet by Anna');
  lab.bank.as('anna', 'campaign', 'submit', 'quiet');
  await anna.go('/campaigns/quiet/edit');
  await anna.sees('The first change makes it a draft again');
});

story('a session that ends over half a form asks again; what was written stays, and what was asked for is done', async () => {
  await petra.go('/segments/new');
  await petra.fill('Name', 'half');
  await petra.fill('Title', 'Half a segment');
  await petra.page.deleteCookie(...(await petra.page.cookies()));
  await petra.click('Save');
  await petra.sees('session');
  await petra.fill('Password', 'correct horse battery');
  await petra.click('Sign in');
  await petra.page.waitForFunction(() => location.pathname === '/segments/half' && !document.querySelector('[role=dialog]'));
  assert.equal(await valueOf(petra, 'Title'), 'Half a segment');
});

story('a link into the app leads there after signing in; a tab that is not there is the first one', async () => {
  const late = await lab.person('boris');
  await late.page.goto(`${lab.bank.base}/campaigns/hostile/failures?x=1`);
  await late.fill('User', 'boris');
  await late.fill('Password', 'correct horse battery');
  await late.click('Sign in');
  await late.page.waitForSelector('[role=tab][aria-selected=true]');
  assert.equal(await late.page.$eval('[role=tab][aria-selected=true]', (one) => one.textContent), 'Failures');
  await late.go('/campaigns/quiet/progress');
  await late.sees('Whom and what for');
  assert.equal(await late.page.$eval('[role=tab][aria-selected=true]', (one) => one.textContent), 'Overview');
});
