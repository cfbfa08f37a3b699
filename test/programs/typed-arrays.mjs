import { threaded } from 'offloop';

//#region jobs
const table = new Uint32Array(4);
for (let i = 0; i < table.length; i += 1) table[i] = i * i;
table.set([100], 0);
new DataView(table.buffer).setUint32(4, 7, true);

const read = threaded((i) => table[i]);
//#endregion

console.log(await Promise.all([0, 1, 2].map((i) => read(i))));

//! works
//> [ 100, 7, 4 ]
