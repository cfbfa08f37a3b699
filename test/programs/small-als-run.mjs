import { AsyncLocalStorage } from 'node:async_hooks';
import { threaded } from 'offloop';

//#region jobs
const als = new AsyncLocalStorage();
const store = { id: 7 };
const f = threaded((n) => n + 1);
//#endregion

als.run(store, () => f(als.getStore().id).then((r) => console.log(r, als.getStore().id)));

//! works
//> 8 7
