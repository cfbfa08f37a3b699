import { threaded } from 'offloop';

//#region jobs
class Program {
  static defaults = { size: 2 };
  static work = threaded((n) => n * Program.defaults.size);

  static async main() {
    console.log('main');
    console.log(await Program.work(4));
  }
}
//#endregion

Program.main();

//! works
//> main
//> 8
