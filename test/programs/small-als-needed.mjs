import { AsyncLocalStorage } from 'node:async_hooks';
import { threaded } from 'offloop';

//#region jobs
const als = new AsyncLocalStorage();
const f = threaded((n) => [n, als.getStore() === undefined]);
//#endregion

als.run({ id: 1 }, () => f(1).then((r) => console.log(r[0])));

//! works
//> 1
