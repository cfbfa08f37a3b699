import { isMainThread, Worker, parentPort } from 'node:worker_threads';
import { threaded } from 'offloop';

//#region jobs
const f = threaded((n) => n + 1);
//#endregion

if (isMainThread) {
  const worker = new Worker("require('node:worker_threads').parentPort.postMessage(20)", { eval: true });
  worker.once('message', async (n) => console.log(await f(n), parentPort));
}

//! works
//> 21 null
