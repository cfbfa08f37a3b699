import { open, readFile } from 'node:fs/promises';
import { threaded } from 'offloop';

//#region jobs
const crc = threaded((text) => [...text].reduce((a, c) => a ^ c.charCodeAt(0), 0));
//#endregion

const handle = await open('notes.txt', 'w');
try {
  await handle.writeFile('some text');
  await handle.appendFile(', more text');
} finally {
  await handle.close();
}
console.log(await crc(await readFile('notes.txt', 'utf8')));

//! works
//> 13
//* open notes.txt
//+ notes.txt b2d4cb54
