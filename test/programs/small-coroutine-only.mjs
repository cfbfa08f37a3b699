import { coroutine, syncWaitCoroutine, threaded } from 'offloop';

const cache = new Map();
const lookup = coroutine(async function lookup(key) {
  if (!cache.has(key)) cache.set(key, `value of ${key}`);
  return cache.get(key);
});
function start() {
  cache.set('a', 'first');
}
start();
const read = threaded((keys) => keys.map((key) => syncWaitCoroutine(lookup, key)));
console.log(await read(['a', 'b', 'a']), cache.size);

//! works
//! oracle hand
//> [ 'first', 'value of b', 'first' ] 2
