// The examples: each policy of the packs with an object that it denies, after those of `welcome`. That it denies them is
// asked of the engine.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The examples by packs: `{ pack, policies: [{ name, policies, objects }] }`. */
export async function examples(kordon, root) {
  const { checkTexts } = createRequire(import.meta.url)(`${kordon}/nodejs/kordon.js`);
  const denies = ({ policies, objects }) => {
    const named = (name, text) => [{ name, text }];
    const { findings, problems } = checkTexts(named('policies', policies), named('objects', objects), {});
    return findings.length > 0 && problems.every(({ severity }) => severity !== 'error');
  };
  const welcome = (file) => readFileSync(`${import.meta.dirname}/welcome/${file}.yaml`, 'utf8');
  const first = { name: 'shop-rules', policies: welcome('policies'), objects: welcome('objects') };
  const packs = folders(root).map((pack) => ({
    pack,
    policies: folders(`${root}/${pack}`).flatMap((name) => {
      const found = candidates(`${root}/${pack}/${name}`).find(denies);
      if (!found) console.log(`no example of ${pack}/${name}: its tests ask for more than a text`);
      return found ? [{ name, ...found }] : [];
    }),
  }));
  return [{ pack: 'welcome', policies: [first] }, ...packs];
}

/** What may be shown of a policy, the most telling first: workloads before others, without context before with it. */
function candidates(folder) {
  const file = ['policy', 'rule'].map((kind) => `${folder}/${kind}.yaml`).find(existsSync);
  const policy = readFileSync(file, 'utf8');
  const failing = yaml(`${folder}/testdata/fail`).sort((one, other) => rank(one) - rank(other));
  const context = yaml(`${folder}/testdata/context`).map((file) => readFileSync(file, 'utf8'));
  const texts = [policy, [policy, ...context].join('\n---\n')];
  return texts.flatMap((policies) => failing.map((file) => ({ policies, objects: readFileSync(file, 'utf8') })));
}

const rank = (file) => (file.endsWith('/deployment.yaml') ? 0 : 1);

function folders(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
}

function yaml(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort().map((name) => `${folder}/${name}`);
}
