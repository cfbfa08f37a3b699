import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createWriteStream, readFileSync } from 'node:fs';
import { threadedIterable } from 'offloop';

//#region jobs
const header = ['id', 'name'];
const rows = threadedIterable(function* rows(count) {
  yield `${header.join()}\n`;
  for (let i = 0; i < count; i += 1) yield `${i},row ${i}\n`;
});
//#endregion

await pipeline(Readable.from(rows(3)), createWriteStream('rows.csv'));
process.stdout.write(readFileSync('rows.csv', 'utf8'));

//! works
//> id,name
//> 0,row 0
//> 1,row 1
//> 2,row 2
//* createWriteStream rows.csv
//* open rows.csv
//+ rows.csv dd535eda
