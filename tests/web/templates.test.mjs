// Templates: a mail written in blocks by somebody who knows no HTML, seen as clients would get it, kept, compared, tested.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openLab, SOURCE } from './lab.mjs';

let lab, anna;

before(async () => {
  lab = await openLab({ clients: 60 });
  anna = await lab.person('anna');
  await anna.signIn();
});
after(async () => lab?.close());

// One long story: where a part of it fails, the rest would only wait in vain.
let broken = false;
function story(name, tell) {
  test(name, async () => {
    assert.ok(!broken, 'not run: an earlier part of the story broke off');
    broken = true;
    await tell();
    assert.deepEqual(await anna.complaints(), []);
    anna.checkNothingWentWrong();
    broken = false;
  });
}

const kinds = () => anna.page.$$eval('ul[aria-label="Blocks of the mail"] > li', (rows) => rows.map((row) => row.dataset.kind));
const seesKinds = (...wanted) => anna.page.waitForFunction((list) =>
  JSON.stringify([...document.querySelectorAll('ul[aria-label="Blocks of the mail"] > li')].map((row) => row.dataset.kind)) === list, {}, JSON.stringify(wanted));
const mail = () => anna.mail();
const mailHas = (text) => anna.mailHas(text);
const mailLacks = (text) => anna.mailLacks(text);

async function chooseClient(number) {
  await anna.fill('As client', number);
  await anna.page.waitForFunction((wanted) => [...document.querySelectorAll('[role=option]')].some((one) => one.textContent.includes(wanted)), {}, number);
  await anna.page.$$eval('[role=option]', (all, wanted) => all.find((one) => one.textContent.includes(wanted)).click(), number);
}

story('a mail is put together from blocks, without a line of HTML', async () => {
  await anna.go('/templates/new');
  await anna.fill('Name', 'autumn');
  await anna.choose('Language', 'en');
  await anna.fill('Subject', 'Autumn, {{client.first_name}}');
  await anna.click('Start with a ready layout');
  await seesKinds('heading', 'text', 'button', 'footer');
  await anna.click('Text write here what it is about.');
  await anna.page.click('.cm-content');
  await anna.press('Control', 'KeyA');
  await anna.page.keyboard.type('**Two** words about deposits, {{client.fir');
  // A click, because the editor takes no Enter in the first moment of its list.
  await (await anna.page.waitForSelector('.cm-tooltip-autocomplete li[aria-selected=true]')).click();
  await anna.page.keyboard.type('!');
  await mailHas('<strong>Two</strong> words about deposits, ');
  await anna.click('Button Find out more → https://');
  await anna.fill('Where it leads', 'https://carillon-bank.example/deposits');
  await mailHas('href="https://carillon-bank.example/deposits"');
  await anna.click('Add a block');
  await anna.click('Picture');
  await anna.fill('Address of the picture', 'https://carillon-bank.example/leaf.png');
  await anna.fill('Words for those who do not see it', 'A leaf');
  await seesKinds('heading', 'text', 'button', 'image', 'footer');
  await mailHas('alt="A leaf"');
  await mailHas('Unsubscribe</a>');
});

story('a block is shown only where a field has a value', async () => {
  await anna.click('Button Find out more → https://carillon-bank.example/deposits');
  await anna.choose('Shown', 'where the field has a value');
  await anna.choose('Field of the condition', 'client.manager');
  await anna.sees('if client.manager');
  await mailHas('deposits"');
});

story('blocks are moved by the arrow keys and by dragging', async () => {
  await anna.page.focus('button[aria-label="Move Picture, 4 of 5"]');
  await anna.press('ArrowUp');
  await seesKinds('heading', 'text', 'image', 'button', 'footer');
  await anna.page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Move Picture, 3 of 5');
  await anna.press('ArrowUp');
  await seesKinds('heading', 'image', 'text', 'button', 'footer');
  const middle = async (label) => {
    const box = await (await anna.page.$(`button[aria-label="${label}"]`)).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [from, to] = [await middle('Move Heading, 1 of 5'), await middle('Move Text, 3 of 5')];
  await anna.page.mouse.move(...from);
  await anna.page.mouse.down();
  await anna.page.mouse.move(to[0], to[1] - 4, { steps: 5 });
  await anna.page.mouse.move(...to, { steps: 5 });
  await anna.page.mouse.up();
  await seesKinds('image', 'text', 'heading', 'button', 'footer');
});

story('columns stand beside each other and hold blocks of their own', async () => {
  await anna.click('Add a block');
  await anna.click('Columns');
  await anna.click('Add to column 2');
  await anna.click('Button');
  await anna.fill('Words on the button', 'In the second column');
  await mailHas('In the second column');
  assert.match(await mail(), /max-width:284px/);
});

story('undo and redo go through all of it, step by step', async () => {
  const before = await kinds();
  await anna.click('Remove Picture 1');
  await seesKinds(...before.slice(1));
  await anna.press('Control', 'KeyZ');
  await seesKinds(...before);
  await anna.click('Redo');
  await seesKinds(...before.slice(1));
  await anna.click('Undo');
  await seesKinds(...before);
});

story('what was not saved is offered again, and only if it differs', async () => {
  await anna.page.waitForFunction(() => Object.keys(localStorage).some((key) => key.includes('draft.template.new') && localStorage[key].includes('second column')));
  await anna.go('/templates/new');
  await anna.sees('There is something here that you did not save.');
  await anna.click('Take it up again');
  await anna.choose('Language', 'en');
  await anna.sees('deposits');
  await anna.click('Save');
  await anna.sees('Saved');
  await anna.page.waitForFunction(() => location.pathname === '/templates/autumn');
  await anna.go('/templates/autumn');
  assert.doesNotMatch(await anna.text(), /you did not save/);
});

story('the same blocks are there when the template is opened again', async () => {
  await seesKinds('image', 'text', 'heading', 'button', 'columns', 'footer');
  await anna.sees('if client.manager');
});

story('another language begins with the blocks of the first', async () => {
  await anna.choose('Language', 'ru');
  await anna.click('Take the blocks of “en”');
  await seesKinds('image', 'text', 'heading', 'button', 'columns', 'footer');
  await anna.press('Control', 'KeyZ');
  await anna.choose('Language', 'en');
});

story('it is seen as one client, the next, a random one and the one with the longest name', async () => {
  await chooseClient('C00000003');
  await mailLacks('client.first_name');
  const third = await mail();
  await anna.click('Random');
  await anna.click('Longest name');
  await anna.mailIs((now) => now !== third, 'another message');
});

story('it is laid out as wide as it will be, on a desktop and on a telephone, dark and as text', async () => {
  const frame = () => anna.page.$eval('[data-testid=preview] iframe', (one) => ({ width: one.clientWidth, right: one.getBoundingClientRect().right, room: one.parentElement.getBoundingClientRect().right }));
  const desktop = await frame();
  assert.equal(desktop.width, 698); // 700 with its border
  assert.ok(desktop.right <= desktop.room + 1, `cut: ${desktop.right} > ${desktop.room}`);
  await anna.sees('laid out 700 px wide, shown at');
  await anna.click('Full size');
  await anna.page.waitForSelector('[role=dialog] iframe');
  await anna.press('Escape');
  await anna.page.waitForFunction(() => !document.querySelector('[role=dialog]'));
  await anna.click('Phone');
  assert.equal((await frame()).width, 373);
  await anna.click('Dark');
  assert.match(await mail(), /invert/);
  await anna.click('Text');
  await anna.page.waitForFunction(() => document.querySelector('[data-testid=preview] pre')?.textContent.includes('Two words about deposits'));
  await anna.click('Desktop');
});

story('HTML changed by hand is not overwritten by its blocks without asking', async () => {
  await anna.click('Code');
  await anna.sees('This HTML is made from blocks');
  await anna.page.click('.cm-content');
  await anna.press('Control', 'End');
  await anna.page.keyboard.sendCharacter('<p>by hand</p>');
  await mailHas('by hand');
  await anna.click('Blocks');
  await anna.sees('The HTML was changed by hand after the blocks');
  await anna.click('Go back to the blocks');
  await mailLacks('by hand');
  await seesKinds('image', 'text', 'heading', 'button', 'columns', 'footer');
});

story('a mistake is shown at its block, and what was written stays', async () => {
  await anna.click('Heading Dear {{client.first_name}},');
  await anna.fill('Text of the block', 'Dear {{client.frist_name}},');
  await anna.sees('1 mistake');
  await anna.page.waitForSelector('li[data-kind=heading] svg[role=img]');
  await anna.fill('Text of the block', 'Hello {{client.first_name}},');
  await mailHas('Hello ');
  await anna.click('Save');
  await anna.sees('Saved');
});

story('versions: what has changed is read block by block, and an old one comes back', async () => {
  await anna.go('/templates/autumn');
  await anna.click('Versions');
  await anna.page.waitForSelector('table[aria-label=Versions] tbody tr:nth-child(2)');
  await anna.page.$$eval('table[aria-label=Versions] tbody tr', (rows) => rows.find((row) => row.cells[0].textContent === '1').querySelector('button').click());
  await anna.sees('Changes since version 1');
  await anna.page.waitForFunction(() => document.querySelector('pre del')?.textContent.includes('Heading: Dear') && document.querySelector('pre ins')?.textContent.includes('Heading: Hello'));
  await anna.click('Go back to version 1');
  await anna.sees('Nothing has changed.');
});

story('a short message is a bubble with its parts and its cost', async () => {
  await anna.go('/templates/overdue-sms');
  await anna.sees(/\d+ parts?, \d+ characters.*₽\d/);
});

story('a letter is shown as the page that will be printed', async () => {
  await anna.go('/templates/overdue-letter');
  await anna.page.waitForFunction(() => (document.querySelector('[data-testid=preview] img')?.naturalWidth ?? 0) > 500);
});

const LEAF = 'dashboard-phone.png'; // 390 pixels wide: three quarters of a mail
const SUN = 'login.png';
const picture = (name) => join(SOURCE, 'docs/images', name);

// The pictures are made anew now and then, and weigh something else each time.
function facts(name) {
  const file = readFileSync(picture(name));
  const pixels = [16, 20].map((at) => file.readUInt32BE(at).toLocaleString('en'));
  return `${pixels.join(' × ')} px · ${Math.round(file.length / 1024)} KB`;
}

async function upload(path) {
  const input = await anna.page.waitForSelector('input[type=file]');
  await input.uploadFile(path);
}

story('a picture is uploaded in the dialog, stands in the mail and is seen in the preview, and nobody outside is asked', async () => {
  await anna.go('/templates/new');
  await anna.fill('Name', 'gallery');
  await anna.choose('Language', 'en');
  await anna.fill('Subject', 'Pictures');
  await anna.click('Start with a ready layout');
  await anna.click('Add a block');
  await anna.click('Picture');
  await anna.click('Choose or upload a picture');
  await anna.sees('No pictures yet');
  assert.deepEqual(await anna.complaints(), []);
  await upload(picture('path-of-a-message.svg'));
  await anna.sees('expected image/png, image/jpeg, image/gif');
  await upload(picture(LEAF));
  await anna.sees(facts(LEAF));
  assert.deepEqual(await anna.complaints(), []);
  const shown = anna.page.waitForResponse((answer) => answer.url().startsWith(`${lab.bank.previews}/i/`));
  await anna.click(`${LEAF} ${facts(LEAF)}`);
  await anna.page.waitForFunction(() => !document.querySelector('[role=dialog]'));
  await anna.sees('Width: 75 %');
  await anna.sees('In a few words what it shows');
  const address = await (await anna.field('Address of the picture')).evaluate((one) => one.value);
  assert.match(address, /^https:\/\/mail\.carillon-bank\.example\/i\/[0-9a-f]{64}\.png$/);
  await anna.fill('Words for those who do not see it', 'The dashboard on a telephone');
  const answer = await shown;
  assert.deepEqual([answer.status(), answer.headers()['content-type']], [200, 'image/png']);
  await mailHas(`src="${lab.bank.previews}${new URL(address).pathname}" alt="The dashboard on a telephone" width="402"`);
  assert.ok(!(await anna.text()).includes('pictures of other hosts'));
  await anna.click('Save');
  await anna.sees('Saved');
});

story('a file dropped into the dialog is uploaded, too; in the code one goes on with its words', async () => {
  await anna.go('/templates/gallery');
  await anna.click('Code');
  await anna.click('Choose or upload a picture');
  await anna.page.waitForSelector('[data-testid=drop]');
  await anna.page.evaluate((bytes, name) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: 'image/png' }));
    for (const kind of ['dragover', 'drop'])
      document.querySelector('[data-testid=drop]').dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
  }, readFileSync(picture(SUN)).toString('base64'), SUN);
  await anna.click(`${SUN} ${facts(SUN)}`);
  await anna.page.waitForFunction(() => document.querySelector('.cm-content')?.textContent.includes('width="600"') && document.activeElement.closest('.cm-editor'));
  await anna.page.keyboard.type('Signing in');
  await mailHas('alt="Signing in">');
});

story('pictures have a page: who names one is seen, and one that no template names can be deleted', async () => {
  await anna.go('/pictures');
  await anna.sees(LEAF);
  await anna.sees('template gallery');
  const tiles = await anna.page.$$eval('ul[aria-label="Pictures of the library"] > li', (all) => all.map((one) => one.querySelectorAll('button').length));
  assert.deepEqual(tiles, [0, 1]);
  await anna.click(`Delete ${SUN}`);
  await anna.sees('Its address stops working at once.');
  await anna.click('Delete');
  await anna.page.waitForFunction((name) => !document.querySelector(`ul [title="${name}"]`), {}, SUN);
  const held = await anna.ask('delete', `/pictures/${/[0-9a-f]{64}/.exec(await anna.page.$eval('ul img', (one) => one.src))[0]}`);
  assert.deepEqual([held.status, held.body.code], [409, 'picture.in_use']);
});
