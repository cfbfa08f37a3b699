import { readFile } from 'node:fs/promises';
import { threaded } from 'offloop';

//#region jobs
const words = [];
async function load() {
  const text = await readFile(new URL(import.meta.url), 'utf8');
  words.push(...text.match(/\bimport\b/g).slice(0, 2));
}
const ready = load();
await ready;
const f = threaded(() => words.length);
//#endregion

console.log(await f());

//! works
//> 2
