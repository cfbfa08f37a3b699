import { threaded } from 'offloop';

const half = threaded((n) => n / 2);

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
