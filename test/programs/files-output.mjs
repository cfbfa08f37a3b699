import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { threaded } from 'offloop';

//#region jobs
const transform = threaded((text) => text.replace(/a/g, 'b'));
//#endregion

mkdirSync('out', { recursive: true });
writeFileSync('in.txt', 'banana');
const result = await transform(readFileSync('in.txt', 'utf8'));
writeFileSync('out/result.txt', result);
console.log(readdirSync('.').sort().join(), result);

//! works
//> in.txt,out bbnbnb
//* mkdir out
//* writeFile in.txt
//* writeFile out/result.txt
//+ in.txt 250e77f1
//+ out/result.txt 5e5208f3
