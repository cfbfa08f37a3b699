import { createServer } from 'node:http';
import { threaded } from 'offloop';

const state = { n: 1 };
const f = threaded(() => state.n);
state.server = createServer().listen(0);
console.log(await f().finally(() => state.server.close()));

//! works
//> 1
//* listen
