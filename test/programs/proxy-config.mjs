import { threaded } from 'offloop';

//#region jobs
const target = { a: 1 };
const config = new Proxy(target, {
  get: (object, key) => object[key] ?? `no ${String(key)}`,
});
target.b = 2;
config.c = 3;

const read = threaded((key) => config[key]);
//#endregion

console.log(await read('b'), await read('c'), await read('d'));

//! works
//> 2 3 no d
