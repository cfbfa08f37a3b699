import { setTimeout } from 'node:timers/promises';
import { coroutine, syncWaitCoroutine, threaded } from 'offloop';

//#region jobs
const fetchPage = coroutine(async function fetchPage(n) {
  await setTimeout(1);
  return { page: n, items: [n, n + 1] };
});
const collect = threaded(function collect(pages) {
  const items = [];
  for (let n = 0; n < pages; n += 1) items.push(...syncWaitCoroutine(fetchPage, n).items);
  return items;
});
//#endregion

console.log('collecting');
console.log(await collect(3));

//! works
//! oracle split
//> collecting
//> [ 0, 1, 1, 2, 2, 3 ]
