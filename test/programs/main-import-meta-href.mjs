import { pathToFileURL } from 'node:url';
import { threaded } from 'offloop';

//#region jobs
const area = threaded((r) => Math.round(Math.PI * r * r));
//#endregion

const isMain = import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  console.log('as main');
  area(3).then((value) => console.log(value));
}

//! works
//> as main
//> 28
