import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as esm from 'kordon';
import { compare } from './vectors.mjs';

const require = createRequire(import.meta.url);
const cjs = require('kordon');
const { Engine, VERSION, cel, checkFiles } = esm;
const ROOT = process.env.KORDON_ROOT;

const policy = (expression) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'p' },
  spec: {
    matchConstraints: {
      resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
    },
    validations: [{ expression }],
  },
});

test('both kinds of modules have the same', () => {
  const { default: whole, ...named } = esm;
  assert.equal(whole, cjs);
  assert.deepEqual(Object.keys(named).sort(), Object.keys(cjs).filter((name) => !name.startsWith('_')).sort());
  assert.equal(VERSION, require('kordon/package.json').version);
});

test('vectors', async (t) => {
  await compare((name, run) => t.test(name, run), esm);
});

test('an error has a code, a path and a place', () => {
  const text = JSON.stringify({ ...policy('true'), sepc: 1 }, undefined, 2);
  assert.throws(
    () => new Engine(text),
    (error) => {
      assert(error instanceof Error);
      assert.deepEqual([error.code, error.path, error.file, error.line], ['unknown-field', 'sepc', 'policy-0.yaml', 32]);
      assert.equal(text.slice(...error.span), '"sepc"');
      assert.equal(error.help, 'did you mean `spec`?');
      assert.match(error.message, /^policy-0.yaml:32:3: unknown field/);
      return true;
    },
  );
  assert.throws(() => new Engine(policy('true'), { versoin: 1 }), { code: 'invalid-argument', message: /versoin/ });
});

test('policies are objects, alone or in lists', () => {
  for (const policies of [policy('false'), [policy('false')], [JSON.stringify(policy('false'))]]) {
    assert.equal(new Engine(policies).evaluate({ apiVersion: 'v1', kind: 'ConfigMap' }).allowed, false);
  }
});

test('what JSON cannot hold is refused', () => {
  const engine = new Engine(policy('true'));
  assert.throws(() => engine.evaluate({ a: 1n }), TypeError);
  const ring = {};
  ring.ring = ring;
  assert.throws(() => engine.evaluate(ring), TypeError);
  assert.throws(() => engine.evaluate(1));
});

test('many objects are decided in their order', async () => {
  const engine = new Engine(policy("object.metadata.name != 'n7'"));
  const objects = Array.from({ length: 100 }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `n${at}` },
  }));
  const both = await Promise.all([engine.evaluateMany(objects), engine.evaluateMany(objects, {}, 1)]);
  for (const reports of both) {
    assert.deepEqual(reports.map((report) => report.allowed), objects.map((_, at) => at !== 7));
  }
});

test('an old object is text or an object', () => {
  const engine = new Engine(policy('oldObject.data.a == "1"'));
  const object = { apiVersion: 'v1', kind: 'ConfigMap' };
  for (const oldObject of [{ ...object, data: { a: '1' } }, '{apiVersion: v1, kind: ConfigMap, data: {a: "1"}}']) {
    assert.equal(engine.evaluate(object, { oldObject }).allowed, true);
  }
});

test('packs have names', () => {
  const containers = [{ name: 'c', image: 'i', securityContext: { privileged: true } }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } };
  assert.equal(Engine.fromFiles(['pack:workload']).evaluate(pod).allowed, false);
  assert.throws(() => Engine.fromFiles(['pack:none']), { name: 'KordonError' });
});

test('a webhook', () => {
  const request = {
    uid: '1',
    operation: 'CREATE',
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    object: { apiVersion: 'v1', kind: 'ConfigMap' },
  };
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
  const answer = JSON.parse(new Engine(policy('false')).review(Buffer.from(JSON.stringify(review))));
  assert.equal(answer.response.allowed, false);
});

test('values become those of JavaScript', () => {
  const value = (expression) => cel.compile(expression).eval().value;
  assert.equal(value('9223372036854775807'), 9223372036854775807n);
  assert.equal(value('3'), 3);
  assert.deepEqual(value("b'\\x00a'"), Buffer.from([0, 97]));
  assert.deepEqual(value('{1: [null]}'), { 1: [null] });
  assert.equal(cel.compile('n', { variables: { n: 'list(int)' } }).resultType, 'list(int)');
});

test('files are checked as the command does', () => {
  const result = checkFiles([`${ROOT}/policies`], [`${ROOT}/examples`]);
  assert.equal(result.summary.errors, 0);
  assert.ok(result.findings.length > 0);
});

test('the examples of the READMEs run', () => {
  for (const name of ['README.md', 'bindings/node/README.md']) {
    const example = /```js\n(.*?)```/s.exec(readFileSync(`${ROOT}/${name}`, 'utf8'))[1];
    const file = `${process.cwd()}/${name.replaceAll('/', '-')}.mjs`;
    writeFileSync(file, example);
    const { stderr, status } = spawnSync(process.execPath, [file], { cwd: ROOT, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
});
