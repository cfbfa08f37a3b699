import { threaded } from 'offloop';

const { basename } = await import('node:path');
const name = threaded((path) => basename(path));
console.log(await name('/x/y.z'));


//! works
//> y.z
