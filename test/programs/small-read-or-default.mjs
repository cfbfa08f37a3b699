import { readFileSync } from 'node:fs';
import { threaded } from 'offloop';

let config;
try {
  config = JSON.parse(readFileSync('config.json', 'utf8'));
} catch {
  console.log('no config file');
  config = { depth: 3 };
}
const f = threaded(() => config.depth);
console.log(await f());

//! works
//> no config file
//> 3
