// A campaign that goes wrong: the mail server refuses everybody, so it pauses by itself and says why and which messages.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, SOURCE, TODAY } from './lab.mjs';

const REFUSAL = '550 5.7.1 This sender is not welcome here';
let server, lab, olga;

// Enough of RFC 5321 to refuse every recipient.
function refusingServer() {
  const answers = { EHLO: '250 refusing.example', HELO: '250 refusing.example', MAIL: '250 ok', RCPT: REFUSAL, RSET: '250 ok', QUIT: '221 bye' };
  return new Promise((done) => {
    const listening = createServer((socket) => {
      let heard = '';
      socket.on('error', () => {});
      socket.write('220 refusing.example\r\n');
      socket.on('data', (bytes) => {
        heard += bytes;
        for (let end = heard.indexOf('\r\n'); end >= 0; end = heard.indexOf('\r\n')) {
          const verb = heard.slice(0, 4).toUpperCase();
          heard = heard.slice(end + 2);
          socket.write(`${answers[verb] ?? '503 5.5.1 no'}\r\n`);
          if (verb === 'QUIT') socket.end();
        }
      });
    }).listen(0, '127.0.0.1', () => done(listening));
  });
}

function prepare(bank) {
  const { spool, spool_durable, ...email } = JSON.parse(readFileSync(join(SOURCE, 'examples/demo-bank/channels/email.json'), 'utf8'));
  writeFileSync(join(bank.folder, 'email.json'), JSON.stringify({ ...email, transport: 'smtp', host: '127.0.0.1', port: server.address().port, tls: 'off' }));
  bank.carillon('channel', 'apply', 'email.json');
  const campaign = { name: 'greeting', title: 'A greeting', objective: 'service', segment: 'active-people', steps: [{ channel: 'email', template: 'birthday' }], schedule: { once: { date: TODAY, time: '12:00' }, zone: 'bank' } };
  writeFileSync(join(bank.folder, 'greeting.json'), JSON.stringify(campaign));
  bank.as('anna', 'campaign', 'apply', 'greeting.json');
  bank.as('anna', 'campaign', 'submit', 'greeting');
  bank.as('boris', 'campaign', 'approve', 'greeting');
}

before(async () => {
  server = await refusingServer();
  lab = await openLab({ clients: 120, prepare, settings: { CARILLON_LAUNCH_FAILING_AT_LEAST: '5' } });
  olga = await lab.person('olga');
  await olga.signIn();
});
after(async () => {
  await lab?.close();
  server?.close();
});

test('a campaign that pauses itself says why, and which messages failed', async () => {
  await olga.go('/campaigns/greeting');
  await olga.click('Start');
  await olga.choose('Time to change your mind', 'none: it starts at once');
  await olga.fill('Type greeting to confirm', 'greeting');
  await olga.click('Start');
  await olga.sees('Why it stands still');
  await olga.sees(/paused by itself: \d+ of \d+ messages failed/);
  await olga.sees('Messages that failed');
  const shown = await olga.page.$$eval('[data-testid=failing] a', (all) => all.map((one) => one.getAttribute('href')));
  assert.ok(shown.length > 0 && shown.every((one) => /^\/outbox\/\d+$/.test(one)), shown.join());
  assert.deepEqual(await olga.complaints(), []);
  await olga.page.click('[data-testid=failing] a');
  await olga.sees('What happened');
  await olga.sees('This sender is not welcome here');
  olga.checkNothingWentWrong();
});

test('each reason has its messages, and Resume says what will happen', async () => {
  await olga.go('/campaigns/greeting/failures');
  const counted = await olga.page.$$eval('table[aria-label="Failures"] tbody tr', (rows) => rows.map((row) => Number(row.cells[3].textContent.replace(/\D/g, ''))));
  assert.equal(counted.length, 1);
  assert.ok(counted[0] >= 5, String(counted));
  await olga.page.click('table[aria-label="Failures"] tbody td:nth-child(4) a');
  await olga.page.waitForSelector('table[aria-label=Outbox] tbody a[href^="/outbox/"]');
  assert.equal(await olga.page.$$eval('table[aria-label=Outbox] tbody tr', (rows) => rows.length), Math.min(50, counted[0]));
  await olga.go('/');
  await olga.sees('A greeting');
  await olga.go('/campaigns/greeting');
  await olga.click('Resume');
  await olga.sees('will not get it again');
  olga.checkNothingWentWrong();
});
