import { threaded } from 'offloop';

//#region jobs
const memo = new Map();
const fib = threaded(function fib(n) {
  return compute(n);
});
function compute(n) {
  if (n < 2) return n;
  if (!memo.has(n)) memo.set(n, compute(n - 1) + compute(n - 2));
  return memo.get(n);
}
//#endregion

console.log(await fib(50));
console.log(await fib(60));

//! works
//> 12586269025
//> 1548008755920
