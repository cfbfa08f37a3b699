import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { threaded } from 'offloop';

const table = { header: 'id' };
await mkdir('data');
await writeFile('data/a.csv', 'a,b\n1,2\n');
table.rows = (await readFile('data/a.csv', 'utf8')).trim().split('\n').length;

const describe = threaded(() => table.header);
console.log(table.rows, await describe());

//! works
//> 2 id
//* mkdir data
//* writeFile data/a.csv
//+ data/a.csv 2aa26ec9
