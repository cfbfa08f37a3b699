import { threaded } from 'offloop';

//#region jobs
const tag = Symbol('tag');
const meta = new WeakMap();
const item = { [tag]: 1 };
meta.set(item, 'known');
item[tag] += 1;

const read = threaded(() => `${item[tag]} ${meta.get(item)}`);
//#endregion

console.log(item[tag]);
console.log(await read());

//! works
//> 2
//> 2 known
