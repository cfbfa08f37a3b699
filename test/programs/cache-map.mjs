import { threaded } from 'offloop';

//#region jobs
const cache = new Map();
const slow = threaded(function slow(n) {
  let x = n;
  for (let i = 0; i < 1000; i += 1) x = (x * 16807) % 2147483647;
  return x;
});
//#endregion

async function cached(n) {
  if (!cache.has(n)) cache.set(n, slow(n));
  return cache.get(n);
}

console.log(await cached(1), await cached(1) === (await cached(1)), cache.size);

//! works
//> 522329230 true 1
