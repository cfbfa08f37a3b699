import { threaded } from 'offloop';

//#region jobs
const table = { red: {}, green: {} };
for (const [key, value] of Object.entries(table)) value.name = key;
const f = threaded(() => Object.values(table).map((it) => it.name).join());
//#endregion

console.log(await f());

//! works
//> red,green
