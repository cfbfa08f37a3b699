import { threaded } from 'offloop';

//#region jobs
const words = threaded((text) => text.split(/\s+/).filter(Boolean).length);
//#endregion

let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  text += chunk;
});
process.stdin.on('end', async () => {
  console.log(await words(text));
});

//! works
//! stdin "a b c\nd\n"
//> 4
