// What the page does without a page: links, places, colours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Text } from '@codemirror/state';
import { highlightTree, classHighlighter } from '@lezer/highlight';
import { yamlWithCel } from '../src/cel.js';
import { read, write } from '../src/link.js';
import { rangeOf } from '../src/places.js';

const SHOWN = { policies: 'a: "ü 🦀"\n', objects: '</script><b>', version: '1.33', view: 'written', operation: 'DELETE' };

async function deflated(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url');
}

test('a link shows what was shared', async () => {
  const fragment = await write(SHOWN);
  assert.match(fragment, /^#v1\/[\w-]+$/);
  assert.deepEqual(await read(fragment), SHOWN);
});

test('a long text makes a link too', async () => {
  const policies = Array.from({ length: 20_000 }, (_, number) => `line ${number}`).join('\n');
  assert.equal((await read(await write({ ...SHOWN, policies }))).policies, policies);
});

test('fragments of others are left alone', async () => {
  for (const fragment of ['', '#', '#verdict', '#v1', '#section-1']) assert.equal(await read(fragment), undefined);
});

test('hostile fragments are refused', async () => {
  const json = async (value) => `#v1/${await deflated(JSON.stringify(value))}`;
  const cases = {
    'the link is damaged': [
      '#v1/', '#v1/a', '#v1/!!!!', '#v1/AAAA', `${await write(SHOWN)}A`, (await write(SHOWN)).slice(0, -9),
      `#v1/${await deflated('{"policies": "')}`,
    ],
    'the link is too long': [`#v1/${'A'.repeat(600_000)}`],
    'the link unpacks to too much': [await json({ ...SHOWN, policies: 'a'.repeat(2_000_000) })],
    'the link is of a newer playground': ['#v2/AAAA', '#v10/'],
    'the link holds something else': [
      await json(null), await json([]), await json('text'), await json({ ...SHOWN, policies: ['a'] }),
      await json({ ...SHOWN, version: '<img>' }), await json({ ...SHOWN, view: 'both' }),
      await json({ ...SHOWN, operation: 'PATCH' }), await json({ ...SHOWN, objects: { toString: 1 } }),
    ],
  };
  for (const [message, fragments] of Object.entries(cases)) {
    for (const fragment of fragments) await assert.rejects(read(fragment), { message }, fragment.slice(0, 60));
  }
});

test('columns count characters', () => {
  const doc = Text.of(['a: "🦀🦀" # x', 'spec:', '  replicas: 9']);
  const marked = (place) => {
    const { from, to } = rangeOf(doc, place);
    return doc.sliceString(from, to);
  };
  assert.equal(marked({ line: 1, column: 4, endColumn: 8 }), '"🦀🦀"');
  assert.equal(marked({ line: 3, column: 3, endColumn: 14 }), 'replicas: 9');
  assert.equal(marked({ line: 3, column: 3 }), 'replicas');
  assert.equal(marked({ line: 1, column: 4, endLine: 2, endColumn: 5 }), '"🦀🦀" # x\nspec');
  // The engine may answer about a text that has become shorter since.
  for (const place of [{ line: 99, column: 1 }, { line: 3, column: 99 }, { line: 0, column: 0 }]) {
    const { from, to } = rangeOf(doc, place);
    assert(from >= 0 && from <= to && to <= doc.length);
  }
  assert.deepEqual(rangeOf(Text.of(['']), { line: 1, column: 1 }), { from: 0, to: 0 });
});

test('expressions have the colours of CEL, other texts those of YAML', () => {
  const text = [
    'message: object.all',
    'expression: >-',
    "  object.items.all(i, i in [1, true] || has(i.name)) && 'it''s' != \"a // b\"",
    'validations:',
    "- {expression: 'size(variables.x) > 0x1F', message: m}",
  ].join('\n');
  const found = [];
  highlightTree(yamlWithCel.language.parser.parse(text), classHighlighter, (from, to, classes) => {
    found.push(`${text.slice(from, to)} ${classes.replaceAll('tok-', '')}`);
  });
  const has = (...expected) => expected.forEach((each) => assert(found.includes(each), `${each}\n${found.join('\n')}`));
  has('object variableName2', 'all keyword', 'in keyword', 'true bool', 'has keyword', 'name propertyName');
  has('"a // b" string', '0x1F number', 'variables variableName2', '&& operator');
  assert.equal(found.filter((each) => each === 'object variableName2').length, 1, 'a message is no expression');
});
