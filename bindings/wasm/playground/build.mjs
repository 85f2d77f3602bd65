// `node build.mjs PACKAGE POLICIES OUT`: the playground as one file, which needs no server and asks for nothing. PACKAGE
// is the built package of bindings/wasm, POLICIES the packs that the examples are from.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { examples } from './examples.mjs';

const [pack, policies, out] = process.argv.slice(2).map((path) => resolve(path));
const here = import.meta.dirname;
const text = (file) => readFileSync(`${here}/${file}`, 'utf8');

/** The packages whose code is in the page, with their licences. */
const licences = new Map();

async function bundled(file, format) {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${here}/src/${file}`],
    bundle: true, minify: true, write: false, metafile: true, format, target: 'es2022', legalComments: 'none', logLevel: 'warning',
    alias: { kordon: `${pack}/web/kordon.js` },
    // Where the module would be fetched from; it is handed over instead.
    define: { 'import.meta.url': '""' },
  });
  for (const input of Object.keys(metafile.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name) licences.set(name, text(`node_modules/${name}/LICENSE`).trim());
  }
  const code = outputFiles[0].text.trim();
  if (/<!--|<\/?script/i.test(code)) throw new Error(`${file} cannot stand in a page`);
  return code;
}

const packed = (bytes) => gzipSync(bytes, { level: 9 }).toString('base64');
const hash = (content) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;

const parts = {
  style: text('style.css'),
  script: await bundled('main.js', 'esm'),
  worker: await bundled('worker.js', 'iife'),
  module: packed(readFileSync(`${pack}/web/kordon_bg.wasm`)),
  examples: packed(JSON.stringify(await examples(pack, policies))),
};
parts.policy = [
  "default-src 'none'",
  `script-src ${hash(parts.script)} 'wasm-unsafe-eval'`,
  'worker-src blob:',
  // The editor makes its own styles, with this name.
  `style-src ${hash(parts.style)} 'nonce-kordon'`,
  // While a person types, browsers themselves put styles on what they move within an editable text.
  "style-src-attr 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const notices = [...licences].sort().map(([name, licence]) => `${name}\n\n${licence}`);
parts.licences = notices.join('\n\n').replaceAll('--', '- -');
const page = text('page.html').replaceAll(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, page);
console.log(`${out}: ${Math.round(page.length / 1000)} kB`);
