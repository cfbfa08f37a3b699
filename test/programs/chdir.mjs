import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { threaded } from 'offloop';

const read = threaded((file) => readFileSync(file, 'utf8'));

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
