// One's own account and those of others: second factor, password, API tokens, roles and branches.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openLab } from './lab.mjs';

let lab, anna, boris, vera;

before(async () => {
  lab = await openLab({ clients: 20 });
  [anna, boris, vera] = await Promise.all(['anna', 'boris', 'vera'].map((name) => lab.person(name)));
  for (const person of [anna, boris, vera]) await person.signIn();
});
after(async () => lab?.close());

function story(name, tell) {
  test(name, async () => {
    await tell();
    for (const person of lab.people) person.checkNothingWentWrong();
  });
}

// RFC 6238; who signs in is asked by the real clock, also where the bank's stands still.
function codeOf(secret) {
  const bits = [...secret.replace(/\s/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest.at(-1) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

let codes;
const shownCodes = async () => {
  await anna.page.waitForSelector('[data-testid=recovery-codes]');
  return anna.page.$$eval('[data-testid=recovery-codes] code', (all) => all.map((one) => one.textContent));
};

// On a page of her own, as after an evening at home: signed out, then asked for name, password and code.
async function signInWith(code) {
  await anna.page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/v1/session')).json();
    await fetch('/api/v1/session', { method: 'DELETE', headers: { 'X-CSRF-Token': csrf } });
  });
  await anna.page.reload();
  await anna.fill('User', 'anna');
  await anna.fill('Password', 'correct horse battery');
  await anna.click('Sign in');
  await anna.fill('Code of the second factor', code);
  await anna.click('Sign in');
  await anna.page.waitForFunction(() => !document.querySelector('input[name=totp]'));
}

story('a second factor is in force once a code of it has been confirmed', async () => {
  await anna.go('/account');
  await anna.sees('Not set up');
  await anna.click('Set up');
  const modules = await anna.page.waitForSelector('[data-testid=qr] path');
  assert.ok((await modules.evaluate((one) => one.getAttribute('d').length)) > 1000, 'the code is drawn');
  const key = await anna.page.$eval('[data-testid=totp-key]', (one) => one.textContent);
  await anna.fill('The code that the app shows', codeOf(key) === '000000' ? '111111' : '000000');
  await anna.click('Confirm');
  await anna.page.waitForSelector('[role=alert]');
  await anna.fill('The code that the app shows', codeOf(key));
  await anna.click('Confirm');
  await anna.sees('In force: signing in asks for a code');
  codes = await shownCodes();
  assert.equal(new Set(codes).size, 10);
  assert.deepEqual(await anna.complaints(), []);
  await anna.click('I have kept them');
  await anna.sees('10 recovery codes left');
  assert.ok(!(await anna.text()).includes(codes[0]), 'never shown again');
});

story('a recovery code signs in once; new ones take the password', async () => {
  await signInWith(codes[0].toUpperCase().replaceAll('-', ' '));
  await anna.go('/account');
  await anna.sees('9 recovery codes left');
  await anna.click('New recovery codes');
  await anna.sees('The codes from before end at once');
  await anna.page.type('form:has([data-testid=recovery-left]) input[type=password]', 'correct horse battery');
  await anna.click('Make ten codes');
  const others = await shownCodes();
  assert.ok(!others.includes(codes[1]));
  assert.deepEqual(await anna.complaints(), []);
  const answers = await anna.page.evaluate(async (tries) => {
    const statuses = [];
    for (const totp of tries) {
      const body = JSON.stringify({ user: 'anna', password: 'correct horse battery', totp });
      statuses.push((await fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, credentials: 'omit' })).ok);
    }
    return statuses;
  }, [others[2]]);
  assert.deepEqual(answers, [true]);
});

story('an administrator takes a lost second factor away, after a warning', async () => {
  await vera.go('/users');
  await vera.click('Take the second factor away');
  await vera.sees('anna signs in with the password alone');
  await vera.click('Take the second factor away');
  await vera.page.waitForFunction(() => ![...document.querySelectorAll('button')].some((one) => one.textContent === 'Take the second factor away'));
});

story('a token is shown once, with what it may do and until when, and can be revoked', async () => {
  await vera.go('/account');
  await vera.sees('No tokens yet');
  await vera.click('New token');
  await vera.fill('What it is for', 'nightly reports');
  await vera.fill('Days until it expires', '30');
  await vera.choose('What it may do', 'users.see');
  await vera.click('Make');
  const secret = await vera.page.waitForSelector('[data-testid=token]');
  const token = await secret.evaluate((one) => one.textContent);
  assert.match(token, /^car_/);
  const status = (address) => vera.page.evaluate(async (path, bearer) => (await fetch(path, { headers: { Authorization: `Bearer ${bearer}` }, credentials: 'omit' })).status, `/api/v1/${address}`, token);
  assert.equal(await status('users'), 200);
  assert.equal(await status('audit'), 403);
  await vera.go('/account');
  assert.ok(!(await vera.text()).includes(token), 'never shown again');
  await vera.sees('nightly reports');
  await vera.click('Revoke');
  await vera.sees('This cannot be undone');
  await vera.click('Revoke');
  await vera.sees('Revoked');
  assert.equal(await status('users'), 401);
});

story('the password is changed, and the session goes on', async () => {
  await boris.go('/account');
  await boris.fill('Current password', 'correct horse battery');
  await boris.fill('New password', 'a longer one than before');
  await boris.fill('New password again', 'a longer one than befor');
  await boris.sees('The two are not the same');
  await boris.fill('New password again', 'a longer one than before');
  await boris.click('Change the password');
  await boris.sees('The password has been changed');
  await boris.go('/campaigns');
});

story('a user is given a role and a branch', async () => {
  await vera.go('/users');
  await vera.click('New user');
  await vera.fill('User', 'nina');
  await vera.choose('Roles', 'Manager');
  await vera.click('New user');
  await vera.sees('First password of nina');
  const row = await vera.page.waitForFunction(() => [...document.querySelectorAll('table tbody tr')].find((one) => one.textContent.startsWith('nina')));
  await row.evaluate((one) => [...one.querySelectorAll('button')].find((button) => button.textContent === 'Change').click());
  await vera.fill('Branches', 'B-007');
  await vera.press('Enter');
  await vera.click('Save');
  await vera.page.waitForFunction(() => [...document.querySelectorAll('table tbody tr')].some((one) => one.textContent.startsWith('nina') && one.textContent.includes('B-007')));
});
