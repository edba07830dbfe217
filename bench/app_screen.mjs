// How long screens take in Chromium until their content stands: node app_screen.mjs BASE USER PASSWORD TURNS
// A helper of bench/app.py; the last line is one JSON object, milliseconds from the request to content that can be clicked.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const puppeteer = createRequire(join(source, 'web/package.json'))('puppeteer-core');
const [base, user, password, turns] = process.argv.slice(2);
const SCREENS = { dashboard: ['/', '#content a[href^="/outbox"]'], campaigns: ['/campaigns', '#content tbody a'], clients: ['/clients', '#content tbody a'] };

const browser = await puppeteer.launch({ executablePath: ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync), headless: true, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage();
  await page.goto(`${base}/`);
  await page.waitForSelector('input[name=user]');
  await page.type('input[name=user]', user);
  await page.type('input[name=password]', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#content h1');
  const taken = {};
  for (const [name, [path, stands]] of Object.entries(SCREENS)) {
    const all = [];
    for (let turn = 0; turn < Number(turns); ++turn) {
      const begun = performance.now();
      await page.goto(`${base}${path}`, { waitUntil: 'domcontentloaded' });
      await page.waitForSelector(stands);
      all.push(performance.now() - begun);
    }
    all.sort((a, b) => a - b);
    taken[name] = Math.round(all[Math.floor(all.length / 2)]);
  }
  console.log(JSON.stringify(taken));
} finally {
  await browser.close();
}
