// Runs every expression of the module given and says which ones it did not survive.
import { readFileSync } from "node:fs";

const MOST_MEMORY = 512 << 20;
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
let instance = new WebAssembly.Instance(module, {});
const count = instance.exports.count();
const answers = [0, 0, 0, 0];
let failures = 0;
let most = 0;
for (let number = 0; number < count; number++) {
  try {
    answers[instance.exports.run(number)]++;
    most = Math.max(most, instance.exports.memory.buffer.byteLength);
  } catch (error) {
    failures++;
    console.log(`expression ${number}: ${error.message}`);
    instance = new WebAssembly.Instance(module, {});
  }
}
console.log(`${count} expressions: ${answers[0]} values, ${answers[1]} errors, ${answers[2]} do not compile; ` +
  `${failures} traps; at most ${most >> 20} MiB`);
process.exit(failures === 0 && most <= MOST_MEMORY && answers[3] === 0 ? 0 : 1);
