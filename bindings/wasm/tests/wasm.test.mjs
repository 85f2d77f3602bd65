import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as nodejs from 'kordon-wasm';
import * as web from 'kordon-wasm/web';
import { compare } from './vectors.mjs';

const require = createRequire(import.meta.url);
const ROOT = process.env.KORDON_ROOT;
const surface = (kordon) => ({ ...kordon, cel: { compile: kordon.compile } });

test('vectors', async (t) => {
  await compare((name, run) => t.test(name, run), surface(nodejs));
});

test('vectors in the module for browsers', async (t) => {
  await web.default({ module_or_path: readFileSync(require.resolve('kordon-wasm/web').replace(/\.js$/, '_bg.wasm')) });
  await compare((name, run) => t.test(name, run), surface(web));
});

test('the version is that of the package', () => {
  assert.equal(nodejs.version(), require('kordon-wasm/package.json').version);
});

test('an error has a code, a path and a place', () => {
  assert.throws(
    () => new nodejs.Engine('kind: ValidatingAdmissionPolicy\napiVersion: admissionregistration.k8s.io/v1\nsepc: {}\n'),
    (error) => {
      assert(error instanceof Error);
      assert.deepEqual([error.name, error.code, error.path], ['KordonError', 'unknown-field', 'sepc']);
      assert.deepEqual([error.line, error.column, error.help], [3, 1, 'did you mean `spec`?']);
      return true;
    },
  );
  assert.throws(() => new nodejs.Engine(1), TypeError);
  assert.throws(() => new nodejs.Engine('', { versoin: 1 }), { code: 'invalid-argument' });
});

test('packs have names', () => {
  const containers = [{ name: 'c', image: 'i', securityContext: { privileged: true } }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers } };
  assert.equal(nodejs.Engine.fromFiles(['pack:workload']).evaluate(pod).allowed, false);
  assert.throws(() => nodejs.Engine.fromFiles(['/etc']), { name: 'KordonError' });
});

test('values become those of JavaScript', () => {
  const value = (expression) => nodejs.compile(expression).eval().value;
  assert.equal(value('18446744073709551615u'), 18446744073709551615n);
  assert.deepEqual(value("b'\\x00a'"), new Uint8Array([0, 97]));
});

test('the example of the README runs', async () => {
  const example = /```js\n(.*?)```/s.exec(readFileSync(`${ROOT}/bindings/wasm/README.md`, 'utf8'))[1];
  writeFileSync('readme.mjs', example);
  await import(`${process.cwd()}/readme.mjs`);
});
