import { threaded } from 'offloop';

class App {
  static factor = 3;
}
const f = threaded((n) => n * App.factor);
async function main() {
  console.log(await f(5));
}
App.main = main;
App.main();



//! works
//> 15
