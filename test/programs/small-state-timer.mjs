import { threaded } from 'offloop';

const state = { n: 1 };
const f = threaded(() => state.n);
state.timer = setInterval(() => console.log('tick'), 60_000);
console.log(await f());
clearInterval(state.timer);


//! works
//> 1
