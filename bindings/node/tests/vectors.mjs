// The vectors of `bindings/vectors`: the same answers, to the byte, as in every other language.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const VECTORS = process.env.KORDON_VECTORS;

export function lines(name) {
  return readFileSync(`${VECTORS}/${name}.jsonl`, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
}

/** JSON in which bigints are numbers and bytes are in base64. */
export function text(value) {
  const marked = value === undefined ? '' : JSON.stringify(value, function (key, inner) {
    const given = this[key];
    if (typeof given === 'bigint') return `@bigint:${given}@`;
    if (given instanceof Uint8Array) return Buffer.from(given).toString('base64');
    return inner;
  });
  return marked.replaceAll(/"@bigint:(-?\d+)@"/g, '$1');
}

/** What a call answers: its value as JSON, or the problems of its error. */
export function answer(ask) {
  try {
    return text(ask());
  } catch (error) {
    if (error.name !== 'KordonError') throw error;
    return JSON.stringify({ problems: error.problems });
  }
}

/** Holds an implementation to all vectors. */
export async function compare(test, { Engine, admit, cel, checkTexts }) {
  for (const line of lines('evaluate')) {
    await test(`evaluate: ${line.id}`, async () => {
      const forms = 'text' in line ? [line.text] : [JSON.stringify(line.object), line.object];
      forms.push(Buffer.from(forms[0]));
      let engine;
      const made = answer(() => void (engine = new Engine(line.policies, line.options)));
      if (!engine) return assert.equal(made, line.expected);
      for (const form of forms) {
        assert.equal(answer(() => engine.evaluate(form, line.request)), line.expected);
      }
      if (!engine.evaluateMany) return;
      const results = await engine.evaluateMany([...forms, '['], line.request, 2);
      assert.equal(results.length, forms.length + 1);
      assert.ok(results.at(-1) instanceof Error);
      for (const result of results.slice(0, -1)) {
        const given = result instanceof Error ? { problems: result.problems } : result;
        assert.equal(JSON.stringify(given), line.expected);
      }
    });
  }
  for (const line of lines('cel')) {
    await test(`cel: ${line.id}`, () => {
      const ask = () => cel.compile(line.expression, line.options).eval(line.values);
      assert.equal(answer(ask), line.expected);
    });
  }
  for (const line of lines('admit')) {
    await test(`admit: ${line.id}`, () => {
      // What has a fraction of zero is read back as an integer.
      const expected = line.expected.replace('"x":1.0', '"x":1');
      assert.equal(answer(() => admit(line.text ?? line.object, line.options)), expected);
    });
  }
  for (const line of lines('check')) {
    await test(`check: ${line.id}`, () => {
      const result = checkTexts(line.policies, line.files, line.options);
      assert.equal(JSON.stringify(result, undefined, 2) + '\n', line.expected);
    });
  }
}
