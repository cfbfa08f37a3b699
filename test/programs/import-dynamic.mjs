import { threaded } from 'offloop';

//#region jobs
const { basename } = await import('node:path');
const name = threaded((path) => basename(path));
//#endregion

console.log(await name('/x/y.z'));

//! works
//> y.z
