// The page: two texts, the engine's answer below, as they are typed.
import { Checker } from './checker.js';
import { editor } from './editor.js';
import { OPERATIONS, VERSIONS, VIEWS, read, through, write } from './link.js';
import { element, marks, results, verdict } from './results.js';

const PAUSE = 150;
const MOST_UNPACKED = 64_000_000;

const part = (id) => document.getElementById(id);

/** What the page carries, packed. */
async function carried(id) {
  const packed = Uint8Array.from(atob(part(id).textContent.trim()), (letter) => letter.charCodeAt(0));
  return through(new DecompressionStream('gzip'), packed, MOST_UNPACKED);
}

async function start() {
  const [module, examples] = await Promise.all([
    carried('module'), carried('examples').then((bytes) => JSON.parse(new TextDecoder().decode(bytes))),
  ]);
  const checker = new Checker(part('worker').textContent, module);
  checker.version().then((version) => { part('version').textContent = version; }, () => {});

  let timer;
  const typed = () => {
    part('example').value = '';
    clearTimeout(timer);
    timer = setTimeout(decide, PAUSE);
  };
  const editors = {
    policies: editor(part('policies'), 'Policies, YAML', 'policies-hint', typed),
    objects: editor(part('objects'), 'Objects, YAML', 'objects-hint', typed),
  };
  const go = (place) => editors[place.file]?.go(place);

  const shown = () => ({
    policies: editors.policies.text(),
    objects: editors.objects.text(),
    version: part('kubernetes').value,
    view: part('view').value,
    operation: part('operation').value,
  });

  async function decide() {
    const { policies, objects, version, view, operation } = shown();
    const options = { kubernetesVersion: version, view, operation };
    try {
      const answer = await checker.check({ policies, objects, options });
      if (answer) show(answer);
    } catch (error) {
      fail(error);
    }
  }

  function show({ result, milliseconds }) {
    const [kind, ...words] = verdict(result, milliseconds);
    part('verdict').className = kind;
    part('verdict').replaceChildren(...words);
    part('results').replaceChildren(...results(result, go));
    const found = marks(result);
    for (const [name, made] of Object.entries(editors)) made.mark(found[name]);
  }

  function fail(error) {
    part('verdict').className = 'error';
    part('verdict').replaceChildren(element('strong', {}, 'The engine gave no answer: '), error.message);
    part('results').replaceChildren();
  }

  function put({ policies, objects, version = VERSIONS[0], view = VIEWS[0], operation = OPERATIONS[0] }) {
    editors.policies.show(policies);
    editors.objects.show(objects);
    part('kubernetes').value = version;
    part('view').value = view;
    part('operation').value = operation;
    clearTimeout(timer);
    decide();
  }

  function say(text) {
    part('notice').textContent = text;
  }

  async function share() {
    const fragment = await write(shown());
    const address = location.href.replace(/#.*/s, '') + fragment;
    try {
      history.replaceState(null, '', fragment);
    } catch {
      // Some browsers let no local file change its address.
    }
    const field = part('link');
    field.value = address;
    part('sharing').hidden = false;
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(address);
      say('The link is copied.');
    } catch {
      say('Copy the link.');
    }
  }

  /** Shows what the address asks for; `false` when it asks for nothing that can be shown. */
  async function open() {
    try {
      const given = await read(location.hash);
      if (given) {
        part('example').value = '';
        put(given);
        say('Opened from a link.');
      }
      return given !== undefined;
    } catch (error) {
      say(`This address cannot be shown: ${error.message}.`);
      return false;
    }
  }

  const options = (values, name = (value) => value) =>
    values.map((value) => element('option', { value }, name(value)));
  part('kubernetes').append(...options(VERSIONS));
  part('view').append(...options(VIEWS, (view) => ({ admitted: 'as a cluster has them', written: 'as written' })[view]));
  part('operation').append(...options(OPERATIONS));
  part('example').append(
    element('option', { value: '' }, 'Your own'),
    ...examples.map(({ pack, policies }, at) => element(
      'optgroup', { label: pack }, policies.map(({ name }, inside) => element('option', { value: `${at}/${inside}` }, name)),
    )),
  );
  const example = (value) => {
    const [pack, policy] = value.split('/').map(Number);
    return examples[pack]?.policies[policy];
  };
  part('example').addEventListener('change', () => {
    const chosen = example(part('example').value);
    if (chosen) put(chosen);
  });
  for (const id of ['kubernetes', 'view', 'operation']) part(id).addEventListener('change', decide);
  part('share').addEventListener('click', share);
  part('close').addEventListener('click', () => {
    part('sharing').hidden = true;
    part('share').focus();
  });
  addEventListener('hashchange', open);

  if (!(await open())) {
    part('example').value = '0/0';
    put(example('0/0'));
  }
  document.body.classList.add('ready');
}

start().catch((error) => {
  console.error(`kordon: the page could not be started: ${error.message}`);
  part('verdict').className = 'error';
  part('verdict').textContent = `The page could not be started: ${error.message}`;
});
