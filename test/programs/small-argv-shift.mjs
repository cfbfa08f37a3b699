import { threaded } from 'offloop';

//#region jobs
const f = threaded((word) => word.toUpperCase());
//#endregion

const node = process.argv.shift();
const file = process.argv.shift();
const [command, ...words] = process.argv;
console.log(typeof node, file.endsWith('small-argv-shift.mjs'), command);
for (const word of words) console.log(await f(word));

//! works
//! args shout a b
//> string true shout
//> A
//> B
