import { Lock, threaded } from 'offloop';

const lock = new Lock();
const add = threaded((shared: Lock, cell: Int32Array) => {
  const pass = shared.acquire();
  cell[0]! += 1;
  pass[Symbol.dispose]();
});
const cell = new Int32Array(new SharedArrayBuffer(4));
await Promise.all([add(lock, cell), add(lock, cell)]);
using pass = await lock.acquireAsync();
console.log(cell[0], lock.isHeld);

//! works
//! oracle hand
//> 2 true
