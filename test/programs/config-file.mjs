import { existsSync, readFileSync } from 'node:fs';
import { threaded } from 'offloop';

//#region jobs
const path = process.env.CONFIG ?? 'missing.json';
const config = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { mode: 'default' };
const mode = threaded(() => config.mode);
//#endregion

console.log('using', path);
console.log(await mode());

//! works
//> using missing.json
//> default
