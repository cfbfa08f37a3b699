import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { threaded } from 'offloop';

//#region jobs
const read = threaded((file) => readFileSync(file, 'utf8'));
//#endregion

mkdirSync('work');
process.chdir('work');
writeFileSync('a.txt', 'inside');
process.title = 'program';
process.umask();
console.log(await read('a.txt'));

//! works
//> inside
//* mkdir work
//* writeFile a.txt
//+ work/a.txt fcc53788
