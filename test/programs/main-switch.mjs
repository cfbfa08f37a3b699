import { threaded } from 'offloop';

//#region jobs
const pow = threaded((n, e) => n ** e);
//#endregion

const [command = 'square', value = '3'] = process.argv.slice(2);

switch (command) {
  case 'square':
    console.log(await pow(Number(value), 2));
    break;
  case 'cube':
    console.log(await pow(Number(value), 3));
    break;
  default:
    console.error('unknown command', command);
    process.exitCode = 1;
}

//! works
//! args cube 4
//> 64
