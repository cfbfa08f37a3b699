import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { threaded } from 'offloop';

//#region jobs
const argv = yargs(hideBin(process.argv))
  .option('word', { type: 'string', demandOption: true })
  .option('times', { alias: 'n', type: 'number', default: 2 })
  .strict()
  .parseSync();

const repeat = threaded(() => Array(argv.times).fill(argv.word).join('-'));
//#endregion

console.log(await repeat());

//! works
//! args --word ho -n 3
//> ho-ho-ho
