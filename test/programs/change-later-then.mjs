import { readFile } from 'node:fs/promises';
import { threaded } from 'offloop';

let source = '';
const size = threaded(() => source.length > 0);

readFile(new URL(import.meta.url), 'utf8').then(async (text) => {
  source = text;
  console.log(await size());
});

//! refused ERR_OFFLOOP_CAPTURE source
//> true
