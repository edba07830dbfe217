// A file of the bank through the browser: what it is, what would happen, what was refused and why.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab } from './lab.mjs';

let lab, dmitri;

before(async () => {
  lab = await openLab({ clients: 20 });
  dmitri = await lab.person('dmitri');
  await dmitri.signIn();
});
after(async () => lab?.close());

test('a file with three bad rows: tried, explained, imported without them', async () => {
  const rows = ['number;last name;first name;birth;mail;branch', ...Array.from({ length: 9 }, (_, n) => `W000000${n};Тестов;Иван;1980-01-0${n + 1};w${n}@example.com;W-1`),
    'W0000101;Тестов;Пётр;not a date;x@example.com;W-1', ';Безномера;Анна;1980-01-01;y@example.com;W-1', 'W0000103;Тестов;Олег;1980-13-45;z@example.com;W-1'];
  const file = join(lab.bank.folder, 'spring.csv');
  writeFileSync(file, `\ufeff${rows.join('\r\n')}\r\n`);
  await dmitri.go('/imports');
  const input = await dmitri.page.$('input[type=file]');
  await input.uploadFile(file);
  await dmitri.click('Look into it');
  await dmitri.sees('delimiter “;”');
  const fields = { number: 'external_id', 'last name': 'last_name', 'first name': 'first_name', birth: 'birth_date', mail: 'email', branch: 'branch' };
  for (const [column, field] of Object.entries(fields)) await dmitri.choose(`What ${column} is`, field);
  await dmitri.click('Try it');
  await dmitri.sees('nothing has been stored');
  await dmitri.sees(/Rows rejected\s+3/);
  await dmitri.sees('birth');
  await dmitri.click('Import 9 rows');
  await dmitri.page.waitForFunction(() => !document.body.innerText.includes('nothing has been stored'));
  await dmitri.sees(/Rows imported\s+9/);
  const link = await dmitri.page.$eval('a[download]', (one) => one.href);
  const csv = await dmitri.page.evaluate(async (address) => (await fetch(address)).text(), link);
  assert.equal(csv.trim().split('\n').length, 4, csv);
  dmitri.checkNothingWentWrong();
});
