import { threaded } from 'offloop';

//#region jobs
const a = [];
const b = {};
const c = new Map();
await Promise.resolve().then(() => a.push(1));
Object.assign(b, await Promise.resolve({ x: 1 }));
for await (const [key, value] of [Promise.resolve(['k', 1])]) c.set(key, value);
const d = await (async () => [1, 2])();
await Promise.all([3, 4].map(async (n) => d.push(n)));

const all = threaded(() => JSON.stringify([a, b, [...c], d]));
//#endregion

console.log(await all());

//! works
//> [[1],{"x":1},[["k",1]],[1,2,3,4]]
