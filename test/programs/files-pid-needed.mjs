import fs from 'node:fs';
import { threaded } from 'offloop';

const lock = { file: 'program.lock', held: false };
if (fs.existsSync(lock.file)) {
  console.error('already running');
  process.exit(1);
}
fs.writeFileSync(lock.file, '');
process.once('exit', () => fs.rmSync(lock.file));

const f = threaded(() => fs.existsSync(lock.file));
console.log(await f());

//! works
//> true
//* rm program.lock
//* writeFile program.lock
