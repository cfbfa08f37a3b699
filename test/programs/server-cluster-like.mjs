import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { threaded } from 'offloop';

//#region jobs
const square = threaded((n) => n * n);
//#endregion

if (process.env.CHILD) {
  process.once('message', async (n) => {
    process.send(await square(n));
    process.disconnect();
  });
} else {
  const child = fork(fileURLToPath(import.meta.url), { env: { ...process.env, CHILD: '1' } });
  child.on('message', (value) => console.log('child says', value));
  child.send(12);
  child.on('exit', async (code) => console.log('child ended', code, await square(2)));
}

//! works
//> child says 144
//> child ended 0 4
//* child process
