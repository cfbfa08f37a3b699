import { threaded, threadedIterable } from 'offloop';

//#region jobs
const limit = { value: 20 };
const numbers = threadedIterable({ maxSize: 4 })(function* numbers(from) {
  for (let n = from; n < limit.value; n += 1) yield n;
});
const isPrime = (n) => {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
  return n > 1;
};
const primes = threaded(async function* primes() {
  for (let n = 2; n < limit.value; n += 1) if (isPrime(n)) yield n;
});
//#endregion

const seen = [];
for await (const n of numbers(15)) seen.push(n);
console.log(seen.join());

const iterator = primes();
console.log((await iterator.next()).value, (await iterator.next()).value);
await iterator.return();
for await (const p of primes()) {
  if (p > 10) break;
  console.log(p);
}

//! works
//> 15,16,17,18,19
//> 2 3
//> 2
//> 3
//> 5
//> 7
