// The playground as people have it: one file, opened in Chromium from the disk. KORDON_PAGE is the file; pictures of it go
// beside it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { write } from '../src/link.js';

const FILE = process.env.KORDON_PAGE;
const FOLDER = dirname(FILE);
const QUIET = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

let browser;
before(async () => {
  const isRoot = process.getuid?.() === 0;
  browser = await chromium.launch({
    executablePath: process.env.KORDON_CHROMIUM, args: isRoot ? [...QUIET, '--no-sandbox'] : QUIET,
  });
});
after(() => browser?.close());

/** A page that is ready, and what it says on its console. */
async function opened(fragment = '', { file = FILE, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, ...options });
  const page = await context.newPage();
  const [said, asked] = [[], []];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url())) asked.push(request.url());
  });
  await page.goto(pathToFileURL(file).href + fragment);
  await page.waitForSelector('body.ready');
  const verdict = (text) => page.locator('#verdict', { hasText: text }).waitFor();
  return { page, said, asked, verdict, close: () => context.close() };
}

const field = (page, name) => page.getByRole('textbox', { name });

/** Types over all of an editor. */
async function fill(page, name, text) {
  await field(page, name).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

const POLICY = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: mine}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
  - expression: object.data.size == 'small'
    message: only small ones
`;
const OBJECT = `apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
data:
  size: large
`;

test('the first example is denied, where and why', async () => {
  const { page, said, asked, verdict, close } = await opened();
  await verdict('Denied: 1 of 1 object');
  assert.deepEqual(asked.slice(1), [], 'nothing is asked for but the file');
  assert.match(await page.locator('#verdict').innerText(), /2 findings · 0 warnings · cost \d+/);
  const policy = page.locator('details.policy');
  assert.match(await policy.locator('summary').first().innerText(), /denies[^]*shop-rules[^]*cost \d+/);
  assert.equal(await page.locator('.decision').count(), 3, 'validations that hold are there too');
  await page.getByRole('button', { name: 'spec.replicas · objects:9' }).waitFor();
  await page.locator('.values summary').first().click();
  await page.getByRole('cell', { name: '9', exact: true }).first().waitFor();
  assert.match(await page.locator('#version').innerText(), /^\d+\.\d+\.\d+/);
  assert.deepEqual(said, []);
  await close();
});

test('what is typed is decided, and its line is marked', async () => {
  const { page, said, verdict, close } = await opened();
  await fill(page, 'Policies', POLICY);
  await fill(page, 'Objects', OBJECT);
  await verdict('Denied: 1 of 1 object');
  await page.locator('.decision .message', { hasText: 'only small ones' }).waitFor();
  const line = page.locator('#objects .cm-line', { has: page.locator('.cm-lintRange-error') });
  assert.deepEqual(await line.allInnerTexts(), ['  size: large']);
  const expression = page.locator('#policies .cm-line', { has: page.locator('.cm-lintRange-hint') });
  assert.deepEqual(await expression.allInnerTexts(), ["  - expression: object.data.size == 'small'"]);

  await page.getByRole('button', { name: 'data.size · objects:6' }).click();
  assert.equal(await page.evaluate(() => getSelection().toString()), 'size: large');
  await page.keyboard.insertText('size: small');
  await verdict('Allowed: 1 object');
  assert.equal(await page.locator('.cm-lintRange').count(), 0);
  assert.equal(await page.getByLabel('Example').inputValue(), '', 'what was typed is no example');
  assert(!/null|undefined/.test(await page.locator('#results').innerText()));

  await fill(page, 'Policies', POLICY.replace('object.data.size', 'object.data.size +'));
  await verdict('in the texts');
  await page.locator('#policies .cm-lintRange-error').first().waitFor();
  await page.locator('.problems .badge.error').first().waitFor();
  assert.deepEqual(said, []);
  await close();
});

test('the page says whose code it has in it', () => {
  const page = readFileSync(FILE, 'utf8');
  for (const name of ['@codemirror/view', '@lezer/yaml', 'style-mod']) assert.match(page, new RegExp(`\n${name}\n\n(MIT License|Copyright)`));
});

test('markup is text', async () => {
  const { page, said, verdict, close } = await opened();
  const hostile = '<img src=x onerror=alert(1)>';
  await fill(page, 'Policies', POLICY.replace('only small ones', `'${hostile}'`));
  await fill(page, 'Objects', OBJECT.replace('shop', hostile));
  await page.locator('#results', { hasText: hostile }).waitFor();
  assert((await page.locator('#results').innerText()).includes(hostile));
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(said, []);
  await close();
});

test('every choice counts', async () => {
  const { page, verdict, close } = await opened();
  await verdict('Denied');
  await page.getByLabel('Example').selectOption({ label: 'no-host-path' });
  await page.locator('details.policy summary', { hasText: 'no-host-path' }).waitFor();
  assert.match(await field(page, 'Policies').innerText(), /name: no-host-path/);
  assert.notEqual(await page.getByLabel('Example').inputValue(), '');
  await page.getByLabel('Example').selectOption({ label: 'shop-rules' });
  await page.getByLabel('Operation').selectOption('DELETE');
  await verdict('Allowed: 1 object');
  await page.getByText('No policy matches this object.').waitFor();
  await page.getByLabel('Operation').selectOption('CREATE');
  await verdict('Denied');
  await fill(page, 'Policies', POLICY.replace("object.data.size == 'small'", "sets.contains([1], lists.range(2))"));
  await fill(page, 'Objects', OBJECT);
  await verdict('Denied');
  await page.getByLabel('Kubernetes').selectOption('1.30');
  await verdict('in the texts');
  await page.getByLabel('Objects seen').selectOption('written');
  await verdict('in the texts');
  await close();
});

test('nearly every policy of the packs is an example', async () => {
  const { page, close } = await opened();
  const examples = await page.locator('#example option').count();
  assert(examples > 90, `${examples} examples`);
  await close();
});

test('a link carries everything to another page', async () => {
  const { page, verdict, close } = await opened();
  await fill(page, 'Policies', POLICY);
  await fill(page, 'Objects', OBJECT);
  await page.getByLabel('Kubernetes').selectOption('1.34');
  await verdict('Denied: 1 of 1 object');
  await page.getByRole('button', { name: 'Share' }).click();
  const link = page.getByLabel('Link', { exact: true }).and(page.locator('input'));
  await link.waitFor();
  const address = await link.inputValue();
  assert.match(address, /^file:.*#v1\/[\w-]+$/);
  assert(await link.evaluate((input) => document.activeElement === input && input.selectionEnd === input.value.length));
  assert.equal(page.url(), address);
  await close();

  const other = await opened(new URL(address).hash);
  await other.verdict('Denied: 1 of 1 object');
  assert.equal((await field(other.page, 'Objects').innerText()).trimEnd(), OBJECT.trimEnd());
  assert.equal(await other.page.getByLabel('Kubernetes').inputValue(), '1.34');
  assert.deepEqual(other.said, []);
  // Another link in the same page.
  const next = await write({ policies: POLICY, objects: OBJECT.replace('large', 'small'), version: '1.37', view: 'admitted', operation: 'CREATE' });
  await other.page.evaluate((hash) => { location.hash = hash; }, next);
  await other.verdict('Allowed: 1 object');
  await other.close();
});

test('hostile links show the first example and say why', async () => {
  for (const fragment of ['#v1/AAAA', '#v9/A', `#v1/${'A'.repeat(600_000)}`]) {
    const { page, said, verdict, close } = await opened(fragment);
    await verdict('Denied: 1 of 1 object');
    assert.match(await page.locator('#notice').innerText(), /^This address cannot be shown: the link /);
    assert.deepEqual(said, []);
    await close();
  }
});

test('the keyboard reaches everything and leaves the editors', async () => {
  const { page, verdict, close } = await opened();
  await verdict('Denied');
  const seen = [];
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate(() => {
      const { activeElement: active } = document;
      return active.getAttribute('aria-label') ?? active.closest('label')?.firstChild.textContent.trim() ?? active.innerText;
    }));
  }
  assert.deepEqual(seen.slice(0, 8), [
    'Skip to the decision', 'Example', 'Kubernetes', 'Objects seen', 'Operation', 'Share', 'Policies, YAML', 'Objects, YAML',
  ]);
  assert.equal(seen[8], 'Message of the API server');
  await field(page, 'Objects').focus();
  await page.keyboard.press('F8');
  assert.notEqual(await page.evaluate(() => getSelection().toString()), '', 'F8 goes to the next mark');
  await page.locator('details.policy summary').first().focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('details.policy').first().getAttribute('open'), null);
  assert.equal(await page.locator('#verdict').getAttribute('role'), 'status');
  await close();
});

/** The page with other code before that of its engine's thread, in a file beside it. */
function broken(name, code) {
  const file = `${FOLDER}/broken-${name}.html`;
  const marker = '<script type="text/plain" id="worker">';
  writeFileSync(file, readFileSync(FILE, 'utf8').replace(marker, () => `${marker}${code};`));
  return file;
}

// A module whose function traps: `(func (export "f") unreachable)`.
const TRAP = '0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,5,1,3,0,0,11';

test('when the engine fails the page stays, and tells the cause', async () => {
  const code = `const trap = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([${TRAP}])));
    const { stringify } = JSON; JSON.stringify = (value) => {
      if (stringify(value).includes('BREAK')) { console.error('panicked at here'); trap.exports.f(); }
      return stringify(value); }`;
  const { page, said, verdict, close } = await opened('', { file: broken('trap', code) });
  await verdict('Denied');
  await fill(page, 'Objects', `${OBJECT}# BREAK`);
  await verdict('The engine gave no answer: unreachable (panicked at here)');
  assert.deepEqual(said.sort(), [
    'kordon: the engine failed and is started anew: unreachable (panicked at here)', 'panicked at here',
  ]);
  await fill(page, 'Policies', POLICY);
  await fill(page, 'Objects', OBJECT);
  await verdict('Denied: 1 of 1 object');
  await close();
});

test('an answer that does not come is given up', async () => {
  const code = `const { stringify } = JSON; JSON.stringify = (value) => {
      while (stringify(value).includes('BREAK')); return stringify(value); }`;
  const { page, said, verdict, close } = await opened('', { file: broken('loop', code) });
  await verdict('Denied');
  await fill(page, 'Objects', `${OBJECT}# BREAK`);
  await verdict('no answer within 5 seconds');
  assert.equal(said.length, 1);
  await fill(page, 'Objects', OBJECT);
  await verdict('Allowed');
  await close();
});

test('an engine that cannot start is told', async () => {
  const { page, verdict, close } = await opened('', { file: broken('start', "throw new Error('not here')") });
  await verdict('The engine gave no answer');
  assert.match(await page.locator('#verdict').innerText(), /not here/);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`nothing is out of reach or hard to see: ${colorScheme}`, async () => {
    const { page, verdict, close } = await opened('', { colorScheme });
    await verdict('Denied');
    await page.locator('.cm-lintRange-error').first().waitFor();
    await page.locator('.values summary').first().click();
    await page.screenshot({ path: `${FOLDER}/${colorScheme}.png`, fullPage: true });
    await page.evaluate(axe.source);
    const violations = async () => {
      const found = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
    };
    assert.deepEqual(await violations(), []);
    await fill(page, 'Policies', POLICY.replace('object.data', 'object.dta['));
    await verdict('in the texts');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.screenshot({ path: `${FOLDER}/${colorScheme}-broken.png`, fullPage: true });
    assert.deepEqual(await violations(), []);
    await close();
  });
}

test('it fits a small screen', async () => {
  const { page, verdict, close } = await opened('', { viewport: { width: 390, height: 800 } });
  await verdict('Denied');
  assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is beside the screen');
  await page.locator('#objects').scrollIntoViewIfNeeded();
  await page.locator('#objects .cm-lintRange').first().waitFor();
  await page.screenshot({ path: `${FOLDER}/small.png`, fullPage: true });
  await close();
});
