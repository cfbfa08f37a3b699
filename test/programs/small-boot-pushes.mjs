import { threaded } from 'offloop';

const table = [];
const f = threaded((i) => table[i]);
function boot() {
  table.push(1);
  f(0).then(console.log);
}
boot();

//! refused ERR_OFFLOOP_CAPTURE table
//> 1
