import fs from 'node:fs';
import { threaded } from 'offloop';

const pidFile = 'program.pid';
if (fs.existsSync(pidFile)) {
  console.error('already running');
  process.exit(1);
}
fs.writeFileSync(pidFile, 'me', { flag: 'wx' });
process.once('exit', () => fs.unlinkSync(pidFile));

const f = threaded((n) => n + 1);
console.log(await f(1), fs.existsSync(pidFile));

//! works
//> 2 true
//* unlink program.pid
//* writeFile program.pid
