import { threaded } from 'offloop';

//#region jobs
const program = {
  name: 'program',
  factor: 4,
  async run(argv) {
    console.log(this.name, argv.length);
    console.log(await scale(argv.length));
  },
};
const scale = threaded((n) => n * program.factor);
//#endregion

program.run(process.argv.slice(2));

//! works
//! args a b
//> program 2
//> 8
