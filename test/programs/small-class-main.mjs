import { threaded } from 'offloop';

//#region jobs
class App {
  static factor = 3;
}
const f = threaded((n) => n * App.factor);
//#endregion

async function main() {
  console.log(await f(5));
}
App.main = main;
App.main();

//! works
//> 15
