// Before, at and after a launch: what may go wrong is said, the numbers of each channel, time to change one's mind, live
// progress channel by channel, another day, another text for the rest, many messages at once, filters under names.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, SOURCE, TODAY } from './lab.mjs';

const SOON = '2026-12-15'; // by the server's clock, which stands still
const ELSEWHERE = 'https://elsewhere.test/spy.png';
let server, lab, anna, petra, boris, olga, ivan;

// Enough of RFC 5321 to take mails, but no more of them than the test lets through.
function holdingServer() {
  const state = { taken: 0, allowed: 0, waiting: [] };
  const let_through = (n) => {
    state.allowed += n;
    while (state.waiting.length > 0 && state.taken < state.allowed) {
      state.taken += 1;
      state.waiting.shift()();
    }
  };
  const take = (answer) => {
    state.waiting.push(answer);
    let_through(0);
  };
  const answers = { EHLO: '250 holding.example', HELO: '250 holding.example', MAIL: '250 ok', RCPT: '250 ok', RSET: '250 ok', DATA: '354 go on', QUIT: '221 bye' };
  return new Promise((done) => {
    const listening = createServer((socket) => {
      let heard = '';
      let inMail = false;
      socket.on('error', () => {});
      socket.write('220 holding.example\r\n');
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
        for (;;) {
          const mark = inMail ? '\r\n.\r\n' : '\r\n';
          const end = heard.indexOf(mark);
          if (end < 0) break;
          const verb = heard.slice(0, 4).toUpperCase();
          heard = heard.slice(end + mark.length);
          if (inMail) {
            inMail = false;
            take(() => socket.write('250 taken\r\n'));
            continue;
          }
          inMail = verb === 'DATA';
          socket.write(`${answers[verb] ?? '502 5.5.1 no'}\r\n`);
          if (verb === 'QUIT') socket.end();
        }
      });
    }).listen(0, '127.0.0.1', () => done({ listening, state, let_through }));
  });
}

const service = (name, more) => ({ name, title: name, objective: 'service', segment: 'active-people', schedule: { once: { date: TODAY, time: '12:00' }, zone: 'bank' }, ...more });

function prepare(bank) {
  const apply = (kind, document) => {
    writeFileSync(join(bank.folder, 'document.json'), JSON.stringify(document));
    if (kind === 'channel') bank.carillon(kind, 'apply', 'document.json');
    else bank.as('anna', kind, 'apply', 'document.json');
  };
  const { spool, spool_durable, ...email } = JSON.parse(readFileSync(join(SOURCE, 'examples/demo-bank/channels/email.json'), 'utf8'));
  apply('channel', { ...email, transport: 'smtp', host: '127.0.0.1', port: server.listening.address().port, tls: 'off' });
  apply('template', { name: 'worn', channel: 'email', default_locale: 'en', locales: { en: { subject: 'Offer', text: 'See http://localhost/offer.',
    html: `<p>Dear {{client.first_name}}</p><a href="">more</a><a href="http://intranet/a">here</a><a href="https://bank.ru/b">good</a><img src="${ELSEWHERE}" alt="">` } } });
  apply('template', { name: 'news', channel: 'email', default_locale: 'en', locales: { en: { subject: 'News', text: 'News for {{client.first_name}}', html: '<p id="news">News for {{client.first_name}}</p>' } } });
  apply('template', { name: 'news-letter', channel: 'letter', default_locale: 'en', locales: { en: { subject: 'News', text: 'News for {{client.first_name}}', closing: { words: 'Yours', name: 'A. B.', position: 'C' } } } });
  apply('campaign', { ...service('worn', { objective: 'cross_sell', steps: [{ channel: 'email', template: 'worn' }], plan: { cost: '0.01' } }), schedule: { once: { date: TODAY, time: '23:30' }, zone: 'bank' } });
  apply('campaign', service('mixed', { steps: [{ channel: ['email', 'letter'], template: { email: 'news', letter: 'news-letter' } }] }));
  apply('campaign', service('again', { steps: [{ channel: 'email', template: 'news' }] }));
  apply('campaign', { ...service('later', { steps: [{ channel: 'email', template: 'news' }] }), schedule: { once: { date: SOON, time: '12:00' }, zone: 'bank' } });
  for (const name of ['mixed', 'later']) {
    bank.as('anna', 'campaign', 'submit', name);
    bank.as('boris', 'campaign', 'approve', name);
  }
}

before(async () => {
  server = await holdingServer();
  // Few at a time, so that a pause finds some that wait.
  lab = await openLab({ clients: 120, prepare, settings: { CARILLON_DISPATCH_IN_FLIGHT: '10', CARILLON_DISPATCH_BATCH: '10' } });
  [anna, petra, boris, olga] = await Promise.all(['anna', 'petra', 'boris', 'olga'].map((name) => lab.person(name)));
  for (const person of [anna, petra, boris, olga]) await person.signIn();
  ivan = await lab.person('ivan');
  await ivan.signIn();
});
after(async () => {
  server?.let_through(1_000_000);
  await lab?.close();
  server?.listening.close();
});

function story(name, tell) {
  test(name, async () => {
    await tell();
    for (const person of lab.people) person.checkNothingWentWrong();
  });
}

const linesOf = (person) => person.page.$$eval('[data-check]', (all) => all.map((one) => ({ check: one.dataset.check, result: one.dataset.result, text: one.textContent.replace(/\u00a0|\u202f/g, ' ') })));
const foreseen = (person) => person.page.waitForSelector('[data-check=cost]');

story('before a launch it is said what may go wrong, and where', async () => {
  await anna.go('/campaigns/worn/checks');
  await foreseen(anna);
  const lines = await linesOf(anna);
  const of = (check, result) => lines.filter((one) => one.check === check && one.result === result).map((one) => one.text);
  assert.match(of('unsubscribe', 'warning')[0], /shows no link to unsubscribe.*Template worn/);
  assert.equal(of('links', 'warning').length, 3, JSON.stringify(lines));
  for (const [at, said] of [/the link '' leads nowhere/, /'http:\/\/intranet\/a' leads to a machine that clients cannot reach/, /'http:\/\/localhost\/offer' leads to a machine/].entries()) assert.match(of('links', 'warning')[at], said);
  assert.match(of('hours', 'warning')[0], /2026-11-24 23:30 lies in the quiet hours: messages wait until 2026-11-25/);
  assert.match(of('sent_before', 'ok')[0], /no other campaign has sent/);
  assert.match(of('cost', 'warning')[0], /it will cost about \d+\.\d\d RUB, more than the plan's 0\.01 RUB/);
  assert.ok(of('limits', 'ok').length > 0 && of('duration', 'ok').length === 1 && of('makeable', 'ok').length === 1, JSON.stringify(lines));
  // What needs a look stands first, and how much that is, above.
  const order = lines.map((one) => one.result);
  assert.deepEqual(order, order.toSorted((a, b) => ['mistake', 'warning', 'ok'].indexOf(a) - ['mistake', 'warning', 'ok'].indexOf(b)));
  await anna.sees(`${order.filter((one) => one === 'warning').length} things to look at`);
  assert.deepEqual(await anna.complaints(), []);
  await anna.click('worn');
  await anna.page.waitForFunction(() => location.pathname === '/templates/worn');
});

story('the same list in Russian', async () => {
  const ruslan = await lab.person('petra', 'ru');
  await ruslan.page.goto(`${lab.bank.base}/`);
  await ruslan.fill('Пользователь', 'petra');
  await ruslan.fill('Пароль', 'correct horse battery');
  await ruslan.click('Войти');
  await ruslan.page.waitForSelector('#content h1');
  await ruslan.go('/campaigns/worn/checks');
  await foreseen(ruslan);
  const latin = (await linesOf(ruslan)).filter((one) => /[a-z]{3,} [a-z]{2,} [a-z]{2,}/.test(one.text));
  assert.deepEqual(latin, []);
  await ruslan.sees('ведёт на машину, недоступную клиентам');
  await ruslan.sees('обратить внимание: ');
});

story('a message is shown from another origin: nothing of it runs, nothing of the app can be reached, nothing is asked for elsewhere', async () => {
  assert.notEqual(new URL(lab.bank.previews).origin, new URL(lab.bank.base).origin);
  await anna.go('/templates/worn');
  await anna.mailHas('Dear ');
  const look = await anna.page.$eval('[data-testid=preview] iframe', (one) => {
    let reached = 'its document';
    try {
      void one.contentWindow.document.body;
    } catch (error) {
      reached = error.name;
    }
    return { origin: new URL(one.src).origin, sandbox: one.getAttribute('sandbox'), srcdoc: one.hasAttribute('srcdoc'), document: one.contentDocument, reached };
  });
  assert.deepEqual(look, { origin: lab.bank.previews, sandbox: '', srcdoc: false, document: null, reached: 'SecurityError' });
  assert.ok(!(await anna.mail()).includes(ELSEWHERE));
  const shown = (await anna.page.frames()).find((frame) => frame.url().startsWith(`${lab.bank.previews}/v/`));
  assert.ok(shown, 'the browser shows it');
  // The page may frame that origin and no other, its own neither.
  const policy = (await fetch(`${lab.bank.base}/`)).headers.get('content-security-policy');
  assert.deepEqual(/frame-src ([^;]*)/.exec(policy)[1].split(' '), [lab.bank.previews]);
  // Scripts of a mail do not run, whatever becomes of the checks before them.
  const answer = (await anna.ask('post', '/templates:preview', { name: 'worn' })).body;
  const headers = (await fetch(answer.frame)).headers;
  assert.match(headers.get('content-security-policy'), /^sandbox; default-src 'none'/);
  await anna.click('Dark');
  await anna.mailHas('invert');
});

story('so it is in the wizard, beside a test, in the outbox and at a client', async () => {
  await anna.go('/campaigns/again/edit?step=message');
  await anna.click('Preview');
  await anna.mailHas('id="news"', '[role=dialog] [data-testid=preview]');
  await anna.press('Escape');
  await anna.page.waitForFunction(() => !document.querySelector('[role=dialog]'));
  await anna.click('Send a test');
  await anna.mailHas('id="news"', '[data-testid=test-preview]');
  assert.deepEqual(await anna.complaints(), []);
  await anna.press('Escape');
});

story('where no origin for it is configured, a message is shown in the page, sandboxed and without an origin', async () => {
  // As it is behind a proxy of which the settings say nothing.
  await petra.page.setExtraHTTPHeaders({ 'X-Forwarded-For': '203.0.113.9' });
  await petra.go('/templates/worn');
  await petra.page.waitForSelector('[data-testid=preview] iframe');
  const look = await petra.page.$eval('[data-testid=preview] iframe', (one) => ({ sandbox: one.getAttribute('sandbox'), src: one.hasAttribute('src'), greets: one.srcdoc.includes('Dear '), foreign: one.srcdoc.includes('elsewhere.test') }));
  assert.deepEqual(look, { sandbox: '', src: false, greets: true, foreign: false });
  assert.ok(petra.page.frames().some((frame) => frame.url() === 'about:srcdoc'), 'the policy of the page lets it show it');
  await petra.page.setExtraHTTPHeaders({});
});

story('a launch shows the numbers of each channel, until when a letter can be called back, and how long it can be undone', async () => {
  await olga.go('/campaigns/mixed');
  await olga.click('Start');
  await olga.page.waitForSelector('[data-testid=launch-channels] tfoot');
  const rows = await olga.page.$$eval('[data-testid=launch-channels] tbody tr', (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent.replace(/\u00a0|\u202f/g, ' '))));
  assert.deepEqual(rows.map(([channel]) => channel), ['E-mail', 'Letter']);
  const sum = Number(await olga.page.$eval('[data-testid=launch-channels] tfoot th:nth-child(2)', (one) => one.textContent));
  assert.equal(rows.reduce((all, [, n]) => all + Number(n), 0), sum);
  for (const [, n, cost] of rows) assert.ok(Number(n) > 0 && /RUB|₽/.test(cost), cost);
  await olga.sees('Letters can be called back until they go to the print house: at 17:30');
  await olga.sees('one click takes the launch back');
  assert.deepEqual(await olga.complaints(), []);
  await olga.fill('Type mixed to confirm', 'mixed');
  await olga.click('Start');
  const left = async () => Number(/undone: (\d+) s/.exec(await olga.text())?.[1] ?? NaN);
  await olga.sees(/can still be undone: \d+ s/);
  const before = await left();
  await olga.page.waitForFunction((n) => Number(/undone: (\d+) s/.exec(document.body.innerText.replace(/\u00a0|\u202f/g, ' '))?.[1]) < n, {}, before);
  await olga.click('Undo the launch');
  await olga.sees('The launch was taken back');
});

story('progress is live, channel by channel, and the browser tells when it is done', async () => {
  await olga.context.overridePermissions(lab.bank.base, ['notifications']);
  await olga.page.evaluateOnNewDocument(() => {
    window.told = [];
    window.Notification = class { constructor(title, options) { window.told.push(`${title} ${options.body}`); } static permission = 'granted'; static requestPermission = async () => 'granted'; };
  });
  await olga.go('/campaigns/mixed');
  await olga.click('Start');
  await olga.choose('Time to change your mind', 'none: it starts at once');
  await olga.fill('Type mixed to confirm', 'mixed');
  await olga.click('Start');
  const cells = (channel) => olga.page.$$eval('table[aria-label="By channel"] tbody tr', (all, wanted) => {
    const row = all.find((one) => one.cells[0].textContent === wanted);
    return row ? [...row.cells].map((cell) => cell.textContent) : [];
  }, channel);
  const until = async (channel, fits, what) => {
    for (let tries = 0; tries < 300; tries += 1) {
      const [, percent, sent, failed, open, total] = await cells(channel);
      const now = { percent: parseInt(percent, 10), sent: Number(sent), failed: Number(failed), open: Number(open), total: Number(total) };
      if (fits(now)) return now;
      await new Promise((done) => setTimeout(done, 200));
    }
    return assert.fail(`${what}: ${await cells(channel)}`);
  };
  server.let_through(5);
  const letters = await until('Letter', (now) => now.sent === now.total && now.total > 0, 'all letters');
  assert.deepEqual([letters.percent, letters.open], [100, 0]);
  const some = await until('E-mail', (now) => now.sent === 5, 'five mails');
  assert.ok(some.open === some.total - 5 && some.percent === Math.floor(500 / some.total), JSON.stringify(some));
  await olga.page.waitForFunction(() => /^\d+ % · mixed$/.test(document.title));
  assert.deepEqual(await olga.complaints(), []);
  await olga.click('Tell me at the end');
  await olga.sees('The browser will tell you at the end');
});

story('who has not had it yet can get another text; nobody gets both', async () => {
  await olga.click('Pause');
  await olga.fill('Reason', 'a wrong date in the text');
  await olga.click('Pause');
  await olga.sees('Paused.');
  await anna.go('/campaigns/mixed');
  await anna.click('Correct it for the rest');
  await anna.sees(/already have it and will not get it again; \d+ still wait/);
  await anna.sees('Stop this campaign for good before the copy starts');
  assert.deepEqual(await anna.complaints(), []);
  await anna.click('Correct it for the rest');
  await anna.page.waitForFunction(() => location.pathname === '/campaigns/mixed-rest/edit' && location.search === '?step=message');
  const copy = (await anna.ask('get', '/campaigns/mixed-rest')).body;
  assert.deepEqual([copy.state, copy.definition.exclude], ['draft', ['had-mixed']]);
  // Those who are still to get it are those the copy would write to.
  const { sent, open } = (await anna.ask('get', '/campaigns/mixed/progress')).body;
  const { messages, left_out } = (await anna.ask('post', '/campaigns/mixed-rest/simulate', {})).body;
  assert.ok(sent > 5 && open > 0, `${sent} ${open}`);
  assert.deepEqual([left_out.excluded, messages], [sent, open]);
  // One that is in doubt may have been had: whoever makes the copy is told.
  const one = "SELECT MIN(m.id) FROM messages m JOIN campaigns c ON c.id = m.campaign_id WHERE c.name = 'mixed' AND m.channel = 'email' AND m.state =";
  const turn = (from, to) => lab.bank.run('sqlite3', 'demo-bank/carillon.db', '.timeout 20000', `UPDATE messages SET state = '${to}' WHERE id = (${one} '${from}')`);
  turn('accepted', 'closed_unknown');
  await anna.go('/campaigns/mixed');
  await anna.click('Correct it for the rest');
  await anna.sees('In doubt: 1. These may have the first text');
  assert.deepEqual(await anna.complaints(), []);
  turn('closed_unknown', 'accepted');
});

story('the same text to the same people again is noticed', async () => {
  await anna.go('/campaigns/again/checks');
  await foreseen(anna);
  const line = (await linesOf(anna)).find((one) => one.check === 'sent_before');
  assert.equal(line.result, 'warning');
  assert.match(line.text, /campaign mixed has sent the same text to the same segment since 2026-11-24/);
});

story('many messages are taken back at once, found by a filter with a name', async () => {
  await olga.go('/outbox?campaign=mixed&state=planned,held,queued,leased,submitting,deferred,uncertain');
  await olga.click('Saved filters');
  await olga.fill('Save this filter as', 'What waits');
  await olga.click('Save');
  await olga.press('Escape');
  await olga.go('/outbox');
  await olga.click('Saved filters (1)');
  await olga.click('What waits');
  await olga.page.waitForFunction(() => location.search.includes('campaign=mixed'));
  await olga.page.waitForFunction(() => document.querySelector('input[aria-label="Campaign"]').value === 'mixed');
  await olga.settled();
  const waiting = (await olga.ask('get', '/messages?campaign=mixed&state=queued&limit=200')).body.items.map((one) => String(one.id));
  const ids = (await olga.page.$$eval('table[aria-label="Outbox"] tbody tr', (rows) => rows.map((row) => row.cells[1].textContent))).filter((id) => waiting.includes(id));
  assert.ok(ids.length >= 3, `${ids.length} of ${waiting.length} wait`);
  for (const id of ids.slice(0, 3)) await (await olga.field(`Select № ${id}`)).click();
  await olga.sees('3 selected');
  assert.deepEqual(await olga.complaints(), []);
  await olga.click('Take back');
  await olga.sees('Take back: 3 of 3 selected?');
  await olga.click('Take back');
  await olga.sees('Done: 3');
  for (const id of ids.slice(0, 3)) assert.equal((await olga.ask('get', `/messages/${id}`)).body.state, 'cancelled');
});

story('at the end the browser says so', async () => {
  await olga.go('/campaigns/mixed/progress');
  await olga.click('Tell me at the end');
  await olga.sees('The browser will tell you at the end');
  await olga.click('Resume');
  await olga.click('Resume');
  await olga.sees('It goes on.');
  server.let_through(1_000_000);
  await olga.sees('mixed has reached its end');
  await olga.page.waitForFunction(() => window.told.length > 0);
  const told = await olga.page.evaluate(() => window.told);
  assert.equal(told.length, 1);
  assert.match(told[0], /^mixed has reached its end\. Sent: \d+, failed: 0\.$/);
  await olga.page.waitForFunction(() => document.title === '100 % · mixed');
  const id = (await olga.ask('get', '/messages?campaign=mixed&channel=email&state=accepted&limit=1')).body.items[0];
  await olga.go(`/outbox/${id.id}`);
  await olga.click('Show the message');
  await olga.mailHas('id="news"', '[data-testid=content]');
  await olga.go(`/clients/${id.client}?tab=messages`);
  await olga.click('Show');
  await olga.mailHas('id="news"', '[role=dialog] [data-testid=content]');
});

story('each date says how long until then; another day makes what was approved a draft again', async () => {
  await anna.go('/campaigns/later');
  await anna.page.waitForSelector('[data-testid=next-start]');
  assert.match((await anna.page.$eval('[data-testid=next-start]', (one) => one.textContent)).replace(/\u00a0|\u202f/g, ' '), /15\/12\/2026, 12:00 · in 20 d 23 h.*Europe\/Moscow/);
  await anna.click('Reschedule');
  await anna.sees('must be approved once more');
  await anna.pick('New day', '2026-12-17');
  await anna.pick('New time', '14:30');
  assert.deepEqual(await anna.complaints(), []);
  await anna.page.click('[role=dialog] button[type=submit]');
  await anna.sees('The schedule has been changed');
  await anna.sees('Once: 17 December 2026 at 14:30');
  assert.equal((await anna.ask('get', '/campaigns/later')).body.state, 'draft');
  await anna.go('/campaigns/later/edit?step=schedule');
  await anna.page.waitForFunction(() => /^in.23.d.2.h/.test(document.querySelector('[data-testid=starts-in]')?.textContent ?? ''));
  await anna.pick('Date', TODAY);
  await anna.sees('The same segment is written to on that day already');
  await anna.sees('mixed');
});

story('what people did is in the log in words', async () => {
  await ivan.go('/audit');
  const actions = await ivan.page.$$eval('table[aria-label="Audit"] tbody tr td:nth-child(4)', (all) => all.map((one) => one.textContent));
  assert.ok(actions.length > 10, `${actions.length}`);
  assert.deepEqual(actions.filter((one) => /^[a-z_]+\.[a-z_.]+$/.test(one)), []);
});
