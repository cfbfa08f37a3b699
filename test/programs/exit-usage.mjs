import { threaded } from 'offloop';

//#region jobs
const args = process.argv.slice(2);
const f = threaded((word) => word + args.length);
//#endregion

if (args.length === 0) {
  console.log('usage: program <words>');
  console.log(await f('none'));
  process.exit(2);
}

//! works
//! exit 2
//> usage: program <words>
//> none0
