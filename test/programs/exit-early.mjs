import { threaded } from 'offloop';

//#region jobs
const args = process.argv.slice(2);
if (args.length === 0) {
  console.log('usage: program <words>');
  process.exit(2);
}
const f = threaded((word) => word + args.length);
//#endregion

console.log(await f(args[0]));

//! works
//! args x y
//> x2
