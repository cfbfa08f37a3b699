import { program } from 'commander';
import { threaded } from 'offloop';

//#region jobs
program.argument('[number...]').option('-f, --factor <n>', 'factor', Number, 2).parse();

const scale = threaded(function scale(values) {
  return values.map((n) => n * program.opts().factor);
});
//#endregion

console.log(await scale(program.args.map(Number)));

//! works
//! args --factor 5 1 2 3
//> [ 5, 10, 15 ]
