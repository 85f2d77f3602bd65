// The engine on a thread of its own: what is typed may take long or bring it down, and the page stays.
import init, { checkTexts, version } from 'kordon';

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
    self.postMessage({ id, message: String(error.message ?? error), fatal: error.name !== 'KordonError' });
  }
};
