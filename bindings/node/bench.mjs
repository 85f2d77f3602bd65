// What a decision costs from Node: beside the Rust core, whose times are read from stdin (`case nanoseconds`), and
// beside other engines for CEL. Started by `cargo xtask bench-node`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { celEnv, parse, plan } from '@bufbuild/cel';
import { parse as compile } from '@marcbachmann/cel-js';
import { Engine, cel } from 'kordon';

const ROOT = process.env.KORDON_ROOT;
const DEPLOYMENT = readFileSync(`${ROOT}/benches/corpus/deployment.json`);
const OBJECT = JSON.parse(DEPLOYMENT);
const POLICY = readFileSync(`${ROOT}/policies/workload/run-as-non-root/policy.yaml`, 'utf8');
const EXPRESSION = "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.corp/'))";

/** Nanoseconds per run in the fastest of 50 batches of at least 2 ms: what the machine does beside is left out. */
function fastest(run) {
  let size = 1;
  const batch = () => {
    const start = process.hrtime.bigint();
    for (let at = 0; at < size; at++) run();
    return Number(process.hrtime.bigint() - start);
  };
  while (batch() < 2_000_000) size *= 2;
  return Math.min(...Array.from({ length: 50 }, batch)) / size;
}

function row(name, nanoseconds, base, of) {
  const time = (nanoseconds / 1000).toFixed(2).padStart(10);
  console.log(`${name.padEnd(44)}${time} µs ${(nanoseconds / base).toFixed(2).padStart(8)} x ${of}`);
}

const lines = readFileSync(0, 'utf8').trim().split('\n').map((line) => line.split(' '));
const core = Object.fromEntries(lines.map(([name, nanoseconds]) => [name, Number(nanoseconds)]));

console.log('decisions of one policy');
for (const view of ['admitted', 'written']) {
  const engine = new Engine(POLICY, { view });
  const base = core[`evaluate-${view}`];
  row(`${view}: Rust, from bytes`, base, base, 'Rust');
  const forms = { 'a Buffer': DEPLOYMENT, 'a string': DEPLOYMENT.toString(), 'an object': OBJECT };
  for (const [name, form] of Object.entries(forms)) {
    row(`${view}: Node, from ${name}`, fastest(() => engine.evaluate(form)), base, 'Rust');
  }
  const many = Array.from({ length: 1000 }, () => DEPLOYMENT);
  let best = Infinity;
  for (let at = 0; at < 20; at++) {
    const start = process.hrtime.bigint();
    await engine.evaluateMany(many);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / many.length);
  }
  row(`${view}: Node, evaluateMany`, best, base, 'Rust');
}

const program = cel.compile(EXPRESSION, { variables: { object: 'dyn' } });
const planned = plan(celEnv(), parse(EXPRESSION));
const compiled = compile(EXPRESSION);
const peers = {
  kordon: (object) => program.eval({ object }).value,
  '@bufbuild/cel': (object) => planned({ object }),
  '@marcbachmann/cel-js': (object) => compiled({ object }),
};
const expected = peers.kordon(OBJECT);
for (const [title, given] of [['an object', () => OBJECT], ['bytes', () => JSON.parse(DEPLOYMENT)]]) {
  console.log(`\nan expression over ${title}`);
  const rust = title === 'bytes' ? core['cel-bytes'] : core.cel;
  row('Rust', rust, rust, 'Rust');
  let base;
  for (const [name, evaluate] of Object.entries(peers)) {
    assert.equal(evaluate(given()), expected, name);
    const took = fastest(() => evaluate(given()));
    base ??= took;
    row(name, took, base, 'kordon');
  }
}
