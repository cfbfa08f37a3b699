import { threaded } from 'offloop';

//#region jobs
const upper = threaded((text) => text.toUpperCase());
//#endregion

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
console.log(await upper(Buffer.concat(chunks).toString().trim()));

//! works
//! stdin "quiet please\n"
//> QUIET PLEASE
