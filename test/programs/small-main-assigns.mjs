import { readFile } from 'node:fs/promises';
import { threaded } from 'offloop';

let state;
const f = threaded(() => state.length > 0);
async function main() {
  state = await readFile(new URL(import.meta.url), 'utf8');
  console.log('read');
  console.log(await f());
}
main();

//! refused ERR_OFFLOOP_CAPTURE state
//> read
//> true
