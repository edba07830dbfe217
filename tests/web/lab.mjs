// A bank to click through: a private database with clients and campaigns, `carillon serve` in simulated time, Debian's
// Chromium, and people who sit before it. Everything listens on the loopback interface only and is stopped by its own
// handle. A request to anywhere else, or an error in the console, fails the test that made it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SOURCE = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const BUILD = process.env.CARILLON_BUILD ?? join(SOURCE, 'build/release');
const require = createRequire(join(SOURCE, 'web/package.json'));
const puppeteer = require('puppeteer-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// A Tuesday noon in Moscow: nobody there is in quiet hours, and time stands still.
export const TODAY = '2026-11-24';
const NOW = `${TODAY}T12:30:00+03:00`;
const PASSWORD = 'correct horse battery';
export const PATIENCE_MS = Number(process.env.CARILLON_PATIENCE_MS ?? 60_000);

export const PEOPLE = {
  anna: 'author', petra: 'author,approver', boris: 'approver', olga: 'operator', dmitri: 'data_steward', maria: 'manager', ivan: 'auditor', vera: 'admin',
};
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0';
const VISITORS = 9; // fewer than look like a program
const VISITS = ['2026-11-23T13:20:00+03:00', '2026-11-23T19:40:00+03:00', '2026-11-24T08:30:00+03:00', '2026-11-24T10:10:00+03:00'];
const SEGMENTS = ['everyone', 'active-people', 'overdue-loans', 'top-clients', 'companies'];
const TEMPLATES = ['birthday', 'birthday-sms', 'credit-decision-sms', 'overdue', 'overdue-sms', 'overdue-letter', 'overdue-call', 'tariffs',
  'tariffs-fax', 'deposit-offer', 'credit-decision', 'spring-offer'];

class Bank {
  constructor(clients) {
    this.folder = mkdtempSync(join(tmpdir(), 'carillon-web-'));
    this.example = join(SOURCE, 'examples/demo-bank');
    this.clients = clients;
  }

  run(program, ...given) {
    const done = spawnSync(program, given, { cwd: this.folder, encoding: 'utf8', timeout: 300_000, maxBuffer: 1 << 26 });
    assert.equal(done.status, 0, `${program} ${given.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done.stdout;
  }

  carillon(...given) {
    return this.run(join(BUILD, 'carillon'), '--config', join(this.example, 'carillon.toml'), ...given);
  }

  as(name, ...given) {
    return this.carillon('--as', name, ...given);
  }

  fill() {
    mkdirSync(join(this.folder, 'demo-bank'));
    this.run(join(BUILD, 'carillon-demo-data'), 'demo-bank/data', String(this.clients));
    this.carillon('migrate');
    for (const name of ['email', 'sms-north', 'sms-south', 'sms', 'fax', 'letter', 'call']) this.carillon('channel', 'apply', join(this.example, `channels/${name}.json`));
    for (const year of [2025, 2026]) this.carillon('calendar', 'apply', join(SOURCE, `examples/calendars/ru-${year}.json`));
    for (const file of ['clients', 'contracts', 'consents']) this.carillon('import', file, `demo-bank/data/${file}.csv`);
    for (const name of SEGMENTS) this.carillon('segment', 'apply', join(this.example, `segments/${name}.json`));
    for (const name of TEMPLATES) this.carillon('template', 'apply', join(this.example, `templates/${name}.json`));
    writeFileSync(join(this.folder, 'password'), `${PASSWORD}\n`);
    for (const [name, role] of Object.entries(PEOPLE)) this.carillon('user', 'add', name, '--roles', role, '--password-file', 'password');
  }

  // Pictures as good as any.
  illustrate(...names) {
    for (const name of names) this.as('anna', 'picture', 'add', join(SOURCE, `docs/images/${name}.png`));
  }

  // Campaigns that have run for some days, written by anna and approved by boris.
  live() {
    for (const name of ['birthday', 'overdue', 'tariffs', 'deposit']) this.as('anna', 'campaign', 'apply', join(this.example, `campaigns/${name}.json`));
    for (const name of ['birthday', 'overdue', 'tariffs']) {
      this.as('anna', 'campaign', 'submit', `demo-${name}`);
      this.as('boris', 'campaign', 'approve', `demo-${name}`);
    }
    this.as('anna', 'campaign', 'submit', 'demo-deposit');
    for (const name of ['birthday', 'overdue']) this.as('olga', 'campaign', 'start', `demo-${name}`);
    const spring = { name: 'demo-spring', title: 'Spring offer', objective: 'cross_sell', segment: 'active-people', tracking: true, steps: [{ channel: 'email', template: 'spring-offer' }], schedule: { once: { date: '2026-11-23', time: '12:00' } } };
    writeFileSync(join(this.folder, 'spring.json'), JSON.stringify(spring));
    this.as('anna', 'campaign', 'apply', 'spring.json');
    this.as('anna', 'campaign', 'submit', 'demo-spring');
    this.as('boris', 'campaign', 'approve', 'demo-spring');
    this.as('olga', 'campaign', 'start', 'demo-spring');
    const draft = { name: 'draft-offer', title: 'A draft', objective: 'cross_sell', segment: 'top-clients', steps: [{ channel: 'email', template: 'deposit-offer' }], schedule: { once: { date: '2026-11-26', time: '15:00' } } };
    writeFileSync(join(this.folder, 'draft-offer.json'), JSON.stringify(draft));
    this.as('anna', 'campaign', 'apply', 'draft-offer.json');
    this.carillon('run', '--now', '2026-11-22T12:00:00Z', '--until', `${TODAY}T09:00:00Z`);
    for (const hour of ['2026-11-23T05', `${TODAY}T05`]) this.carillon('snapshot', '--now', `${hour}:00:00Z`);
  }

  // Clients open the tracked mails at those times and some of them follow a link; so does one program that says what it is.
  async visits(times) {
    const mails = readdirSync(join(this.folder, 'demo-bank/outbox'), { recursive: true }).filter((name) => name.endsWith('.eml')).sort()
      .map((name) => readFileSync(join(this.folder, 'demo-bank/outbox', name), 'utf8').replace(/=\r?\n/g, '').replace(/=3D/g, '='))
      .map((mail) => ({ pixel: /\/o\/[\w.-]+/.exec(mail)?.[0], link: /\/c\/[\w./-]+/.exec(mail)?.[0] })).filter(({ pixel, link }) => pixel && link);
    assert.ok(mails.length >= times.length * VISITORS, `${mails.length} tracked mails`);
    for (const [at, time] of times.entries()) {
      await this.serve({}, time);
      const ask = async (path, name) => assert.ok((await fetch(`${this.base}${path}`, { redirect: 'manual', headers: { 'User-Agent': name } })).status < 400, path);
      for (const [n, { pixel, link }] of mails.slice(at * VISITORS, (at + 1) * VISITORS).entries()) {
        await ask(pixel, n === 0 ? 'Examplebot/1.0' : BROWSER);
        if (n % 3 === 1) await ask(link, BROWSER);
      }
      await this.stop();
    }
  }

  async serve(settings, now = NOW) {
    this.server = spawn(join(BUILD, 'carillon'), ['--config', join(this.example, 'carillon.toml'), 'serve', '--now', now], {
      cwd: this.folder, env: { ...process.env, CARILLON_SERVER_PORT: '0', CARILLON_SERVER_ACCESS_LOG: 'no', CARILLON_ACCESS_PASSWORD_MEMORY: '8', CARILLON_ACCESS_PASSWORD_PASSES: '1', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    this.server.stderr.on('data', (bytes) => (said += bytes));
    this.base = await new Promise((done, failed) => {
      let heard = '';
      const timer = setTimeout(() => failed(new Error(`the server does not listen: ${heard} ${said}`)), PATIENCE_MS);
      this.server.on('exit', (code) => failed(new Error(`the server ended with ${code}: ${heard} ${said}`)));
      this.server.stdout.on('data', (bytes) => {
        heard += bytes;
        const found = /listening on (http:\/\/\S+)/.exec(heard);
        if (!found) return;
        clearTimeout(timer);
        done(found[1]);
      });
    });
    // The one origin whose frames the app may show: that of previews; none where none is configured.
    const policy = (await fetch(`${this.base}/`)).headers.get('content-security-policy');
    this.previews = /frame-src (http:\/\/\S+)$/.exec(policy)?.[1];
  }

  async stop() {
    if (this.server && this.server.exitCode === null) {
      this.server.removeAllListeners('exit');
      const ended = new Promise((done) => this.server.on('exit', done));
      this.server.kill('SIGTERM');
      const timer = setTimeout(() => this.server.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(timer);
    }
  }

  async close() {
    await this.stop();
    if (!process.env.CARILLON_KEEP) rmSync(this.folder, { recursive: true, force: true });
  }
}

// What a browser may complain about without anything being wrong: a refusal that a test is about.
const REFUSALS = /Failed to load resource: the server responded with a status of (401|403|404|409|412|415|422)/;

// Somebody before a browser of his own.
export class Person {
  constructor(lab, name, context, page) {
    Object.assign(this, { lab, name, context, page, troubles: [] });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type()) && !REFUSALS.test(message.text())) this.troubles.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.troubles.push(`page: ${error}`));
    page.on('request', (request) => {
      const url = request.url();
      const known = [lab.bank.base, lab.bank.previews].some((one) => one && url.startsWith(`${one}/`));
      if (!known && !/^(data|blob|about):/.test(url)) this.troubles.push(`request to elsewhere: ${url}`);
    });
  }

  checkNothingWentWrong() {
    assert.deepEqual(this.troubles.splice(0), []);
  }

  async signIn() {
    await this.page.goto(`${this.lab.bank.base}/`);
    await this.fill(this.lab.words('User', 'Пользователь'), this.name);
    await this.fill(this.lab.words('Password', 'Пароль'), PASSWORD);
    await this.click('Sign in');
    await this.page.waitForSelector('#content h1');
  }

  async go(path) {
    await this.page.goto(`${this.lab.bank.base}${path}`);
    await this.settled();
  }

  // The screen is there and waits for nothing.
  async settled() {
    await this.page.waitForSelector('#content h1');
    await this.page.waitForFunction(() => {
      const busy = document.querySelector('#content .mantine-Loader-root');
      const same = window.shownBefore === document.body.innerText;
      window.shownBefore = document.body.innerText;
      return !busy && same;
    }, { polling: 250 });
  }

  // The last visible button, link, tab or option of exactly this name.
  async click(name) {
    const found = await this.page.waitForFunction((wanted) => {
      const nameOf = (one) => (one.getAttribute('aria-label') ?? one.textContent).replace(/\s+/g, ' ').trim();
      const all = [...document.querySelectorAll('button, a, [role=tab], [role=option], label, [role=button]')];
      return all.filter((one) => nameOf(one) === wanted && one.getClientRects().length > 0 && !one.disabled && !one.closest('[inert]')).at(-1) ?? null;
    }, {}, name);
    await found.evaluate((one) => one.scrollIntoView({ block: 'center', behavior: 'instant' }));
    await found.evaluate((one) => one.click());
  }

  async field(label) {
    const found = await this.page.waitForFunction((wanted) => {
      const clean = (text) => (text ?? '').replace(/\s*\*\s*$/, '').trim();
      const of = (one) => clean(one.getAttribute('aria-label')) || clean([...(one.labels ?? [])].map((each) => each.textContent).join(' '));
      return [...document.querySelectorAll('input, textarea, [contenteditable=true]')].filter((one) => of(one) === wanted && one.type !== 'hidden' && one.getClientRects().length > 0).at(-1) ?? null;
    }, {}, label);
    return found.asElement();
  }

  async fill(label, text) {
    const field = await this.field(label);
    await field.click();
    await this.page.keyboard.down('Control');
    await this.page.keyboard.press('KeyA');
    await this.page.keyboard.up('Control');
    await this.page.keyboard.press('Backspace');
    await field.type(text);
  }

  // A day or a time: native inputs have parts, so the value is set as the browser's own picker would.
  async pick(label, value) {
    const field = await this.field(label);
    await field.evaluate((one, wanted) => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(one, wanted);
      one.dispatchEvent(new Event('input', { bubbles: true }));
    }, value);
  }

  async choose(label, option) {
    const field = await this.field(label);
    await field.click();
    await this.click(option);
  }

  // What the page itself could ask of the API, past its buttons.
  ask(method, path, body) {
    return this.page.evaluate(async (verb, address, given) => {
      const call = async (how, where, headers = {}) => {
        const answer = await fetch(`/api/v1${where}`, { method: how, headers: { 'Content-Type': 'application/json', ...headers }, body: how === 'GET' ? undefined : JSON.stringify(given) });
        return { status: answer.status, body: await answer.json() };
      };
      if (verb === 'get') return call('GET', address);
      const { body: session } = await call('GET', '/session');
      return call(verb.toUpperCase(), address, { 'X-CSRF-Token': session.csrf, 'Idempotency-Key': crypto.randomUUID() });
    }, method, path, body);
  }

  text() {
    return this.page.evaluate(() => document.body.innerText.replace(/\u00a0|\u202f/g, ' '));
  }

  async sees(wanted) {
    const source = wanted instanceof RegExp ? wanted.source : wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    try {
      await this.page.waitForFunction((pattern) => new RegExp(pattern, 'i').test(document.body.innerText.replace(/\u00a0|\u202f/g, ' ')), {}, source);
    } catch {
      assert.fail(`${this.name} waited in vain for ${wanted}; the page says:\n${(await this.text()).slice(0, 3000)}`);
    }
  }

  // What the frame within `scope` shows, as its own origin serves it: the app cannot read it, nor can a test through the app.
  async mail(scope = '[data-testid=preview]') {
    const address = await this.page.$eval(`${scope} iframe`, (one) => one.src).catch(() => '');
    if (!address) return '';
    const answer = await fetch(address);
    return answer.ok ? answer.text() : '';
  }

  async mailIs(wanted, what, scope) {
    let mail = '';
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((done) => setTimeout(done, 100))) {
      mail = await this.mail(scope);
      if (mail && wanted(mail)) return mail;
    }
    return assert.fail(`${this.name} waited in vain for ${what}; the message is:\n${mail.slice(0, 3000)}`);
  }

  mailHas(text, scope) {
    return this.mailIs((mail) => mail.includes(text), `a message with ${text}`, scope);
  }

  mailLacks(text, scope) {
    return this.mailIs((mail) => !mail.includes(text), `a message without ${text}`, scope);
  }

  async number(testId) {
    const text = await this.page.$eval(`[data-testid="${testId}"]`, (one) => one.textContent);
    return Number(text.replace(/\D/g, ''));
  }

  async press(...keys) {
    for (const key of keys.slice(0, -1)) await this.page.keyboard.down(key);
    await this.page.keyboard.press(keys.at(-1));
    for (const key of keys.slice(0, -1)) await this.page.keyboard.up(key);
  }

  // Serious findings of axe on what is shown now, once nothing fades in any more: half faded, everything has too little contrast.
  async complaints() {
    await this.page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity));
    await this.page.evaluate(AXE);
    const violations = await this.page.evaluate(async () =>
      (await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false })).violations
        .filter((one) => ['serious', 'critical'].includes(one.impact))
        .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`).join(' | ')}`));
    return violations;
  }
}

export class Lab {
  constructor(bank, browser) {
    Object.assign(this, { bank, browser, people: [] });
  }

  words(english) {
    return english;
  }

  async person(name, language = 'en') {
    const context = await this.browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluateOnNewDocument((chosen) => {
      // Messages are shown in frames of no origin: these have no storage.
      if (window.top === window && !localStorage.getItem('carillon.language')) localStorage.setItem('carillon.language', chosen);
    }, language);
    const person = new Person(this, name, context, page);
    this.people.push(person);
    return person;
  }

  async close() {
    await this.browser?.close();
    await this.bank.close();
  }
}

// `prepare` is called before the server runs; `settings` are variables of its environment.
export async function openLab({ clients = 300, live = false, prepare, settings } = {}) {
  const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  assert.ok(chromium, 'chromium is not installed: run scripts/setup');
  const bank = new Bank(clients);
  let browser;
  try {
    bank.fill();
    if (live) bank.live();
    if (live) await bank.visits(VISITS);
    prepare?.(bank);
    await bank.serve(settings);
    browser = await puppeteer.launch({
      executablePath: chromium, headless: true, protocolTimeout: 180_000, userDataDir: join(bank.folder, 'browser'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--disable-dev-shm-usage', '--force-prefers-reduced-motion', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
    });
    return new Lab(bank, browser);
  } catch (error) {
    await browser?.close();
    await bank.close();
    throw error;
  }
}
