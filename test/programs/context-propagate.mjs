import { AsyncLocalStorage } from 'node:async_hooks';
import { propagate, threaded } from 'offloop';

//#region jobs
const request = propagate(new AsyncLocalStorage(), {
  name: 'request',
  serialize: ({ id }) => id,
  deserialize: (id) => ({ id }),
});
const line = threaded((text) => `${request.getStore().id}: ${text}`);
//#endregion

const handle = (id) => request.run({ id, socket: process.stdout }, () => line('done'));
console.log(await Promise.all([handle(1), handle(2)]));

//! works
//> [ '1: done', '2: done' ]
