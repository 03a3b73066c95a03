// Builds the one file that a server of regulars hands out as /t.js. `node build.mjs [file]`; without a file, the one in the Python package.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { VERSION } from './src/version.js';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] || join(here, '../../src/regulars/collect/track/static/t.js');

// The stamp lets a test without Node see that the built file is older than its sources.
const sources = createHash('sha256');
for (const name of readdirSync(join(here, 'src')).sort()) sources.update(`${name}\n${readFileSync(join(here, 'src', name), 'utf8')}`);

const made = await build({
  absWorkingDir: here,
  entryPoints: ['src/script.js'],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2021',
  charset: 'utf8',
  write: false,
});
const head = `/* regulars.js ${VERSION}, sources ${sources.digest('hex').slice(0, 16)} */\n`;
writeFileSync(target, head + made.outputFiles[0].text);
