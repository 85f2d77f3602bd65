// Read by tsc, never run: what the types of the package promise and forbid.
import { Engine, checkTexts, compile, type Report } from 'kordon-wasm';
import init from 'kordon-wasm/web';

const engine = new Engine(['a: 1', { c: 3 }], { view: 'written' });
const report: Report = engine.evaluate({ kind: 'Pod' }, { operation: 'DELETE' });
const line: number | undefined = checkTexts([], [{ name: 'a', text: 'b' }]).findings[0]?.line;
const cost: number = compile('a', { variables: { a: 'dyn' } }).eval({ a: 1 }).cost;
// @ts-expect-error no operation
engine.evaluate({}, { operation: 'PATCH' });
// @ts-expect-error no object
engine.evaluate(1);
void [init(), report, line, cost];
