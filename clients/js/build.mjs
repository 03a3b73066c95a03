// Builds the two files that a server of regulars hands out: the tracker /t.js, and the components /v1/storefront/widgets.js.
// `node build.mjs [folder]`; without a folder, into the Python package.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { VERSION } from './src/version.js';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
const files = [
  { name: 'regulars.js', from: 'src', file: 't.js', place: '../../src/regulars/collect/track/static' },
  { name: 'regulars widgets', from: 'widgets', file: 'widgets.js', place: '../../src/regulars/serve/storefront/static' },
];

for (const { name, from, file, place } of files) {
  // The stamp lets a test without Node see that the built file is older than its sources.
  const sources = createHash('sha256');
  for (const one of readdirSync(join(here, from)).sort()) sources.update(`${one}\n${readFileSync(join(here, from, one), 'utf8')}`);

  const made = await build({
    absWorkingDir: here,
    entryPoints: [`${from}/script.js`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: from === 'src' ? 'es2021' : 'es2022',
    charset: 'utf8',
    write: false,
  });
  const head = `/* ${name} ${VERSION}, sources ${sources.digest('hex').slice(0, 16)} */\n`;
  writeFileSync(join(target || join(here, place), file), head + made.outputFiles[0].text);
}
