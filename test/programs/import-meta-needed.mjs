import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { threaded } from 'offloop';

const require = createRequire(import.meta.url);
const path = require('node:path');
const here = fileURLToPath(import.meta.url);

const first = threaded(() => readFileSync(here, 'utf8').startsWith('import') && path.basename(here));
console.log(await first());

//! works
//> import-meta-needed.mjs
