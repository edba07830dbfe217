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
  const turn = async (path, stands) => {
    const begun = performance.now();
    await page.goto(`${base}${path}`, { waitUntil: 'domcontentloaded' });
    await page.waitForSelector(stands);
    const ms = performance.now() - begun;
    const api = await page.evaluate(() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/api/')).map((one) => [new URL(one.name).pathname, Math.round(one.duration)]));
    return { ms, api: Object.fromEntries(api) };
  };
  const median = async (path, stands) => {
    const all = [];
    for (let i = 0; i < Number(turns); ++i) all.push(await turn(path, stands));
    all.sort((a, b) => a.ms - b.ms);
    const middle = all[Math.floor(all.length / 2)];
    return { ...middle, ms: Math.round(middle.ms) };
  };
  for (const [name, [path, stands]] of Object.entries(SCREENS)) taken[name] = await median(path, stands);
  await page.setCacheEnabled(false);
  taken['dashboard, cold'] = await median(...SCREENS.dashboard);
  console.log(JSON.stringify(taken));
} finally {
  await browser.close();
}
