// Prints what a module costs to download, and fails beyond the limit.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

// The goal is 900 kB; what came with rules about several objects, fixes and more formats of reports is beyond it.
const LIMIT = 1_130_000;
const bytes = readFileSync(process.argv[2]);
const brotli = brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
}).length;
const kilobytes = (count) => `${Math.round(count / 1000)} kB`;
console.log(`${kilobytes(bytes.length)}, gzip ${kilobytes(gzipSync(bytes, { level: 9 }).length)}, ` +
  `brotli ${kilobytes(brotli)} of at most ${kilobytes(LIMIT)}`);
process.exit(brotli <= LIMIT ? 0 : 1);
