import { threaded } from 'offloop';

//#region jobs
const half = threaded((n) => n / 2);
//#endregion

class Main {
  static {
    console.log('static block');
    half(10).then((n) => console.log(n));
  }
}
console.log(typeof Main);

//! works
//> static block
//> function
//> 5
