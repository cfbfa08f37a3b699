import { threaded } from 'offloop';

//#region jobs
const state = { n: 1 };
const f = threaded(() => state.n);
//#endregion

state.timer = setInterval(() => console.log('tick'), 60_000);
console.log(await f());
clearInterval(state.timer);

//! works
//> 1
