// Read by tsc, never run: what the types of the package promise and forbid.
import { Engine, admit, cel, checkFiles, type KordonError, type Report } from 'kordon';

const engine = new Engine(['a: 1', Buffer.from('b: 2'), { c: 3 }], { view: 'written', user: { username: 'ann' } });
const report: Report = engine.evaluate({ kind: 'Pod' }, { operation: 'UPDATE', oldObject: '{}' });
const action: 'admit' | 'deny' | undefined = report.decisions[0]?.action;
const many: Promise<(Report | KordonError)[]> = engine.evaluateMany([new Uint8Array()], {}, 2);
const line: number | undefined = checkFiles(['p'], ['f']).findings[0]?.line;
const made: Record<string, unknown> = admit('{}', { namespace: 'shop' }).object;
const cost: number = cel.compile('a', { variables: { a: 'dyn' } }).eval({ a: 1 }).cost;
// @ts-expect-error no operation
engine.evaluate({}, { operation: 'PATCH' });
// @ts-expect-error no object
engine.evaluate(1);
// @ts-expect-error no view
new Engine('', { view: 'seen' });
void [action, many, line, made, cost];
