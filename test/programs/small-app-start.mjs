import { threaded } from 'offloop';

const app = { n: 1, start };
const f = threaded(() => app.n);

function start() {
  f().then((n) => console.log('n is', n));
}

app.start();

//! works
//> n is 1
