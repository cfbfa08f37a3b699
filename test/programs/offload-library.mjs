import { offload, threaded } from 'offloop';

//#region jobs
const library = offload(() => import('node:path'));
const join = threaded((a, b) => `${a}+${b}`);
//#endregion

console.log(await library.basename('/a/b.txt'));
console.log(await join('x', 'y'));

//! works
//> b.txt
//> x+y
