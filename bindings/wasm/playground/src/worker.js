// The engine on a thread of its own: what is typed may take long or bring it down, and the page stays.
import init, { checkTexts, version } from 'kordon';

// What a panic says before the engine traps without a word.
let lastWords;
const { error: write } = console;
console.error = (...words) => {
  lastWords = words.join(' ');
  write(...words);
};

self.onmessage = async ({ data: { module, id, policies, objects, options } }) => {
  try {
    if (module) {
      await init({ module_or_path: module });
      self.postMessage({ ready: version() });
      return;
    }
    const start = performance.now();
    const result = checkTexts(
      [{ name: 'policies', text: policies }], [{ name: 'objects', text: objects }],
      { ...options, decisions: true, explain: true },
    );
    self.postMessage({ id, result, milliseconds: performance.now() - start });
  } catch (error) {
    // Of a refusal the engine lives on; of anything else it may be broken.
    const fatal = error.name !== 'KordonError';
    const cause = fatal && lastWords ? ` (${lastWords})` : '';
    self.postMessage({ id, message: `${error.message ?? error}${cause}`, fatal });
  }
};
