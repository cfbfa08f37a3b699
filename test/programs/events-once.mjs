import { EventEmitter, on, once } from 'node:events';
import { threaded } from 'offloop';

//#region jobs
const bus = new EventEmitter();
const work = threaded((n) => n * 10);
//#endregion

async function consumer() {
  for await (const [n] of on(bus, 'job')) {
    bus.emit('done', await work(n));
    if (n === 2) break;
  }
}
const running = consumer();
bus.emit('job', 1);
console.log(await once(bus, 'done'));
bus.emit('job', 2);
console.log(await once(bus, 'done'));
await running;

//! works
//> [ 10 ]
//> [ 20 ]
