import { threaded } from 'offloop';

//#region jobs
const tasks = ['a', 'bb', 'ccc'];
const size = threaded((i) => tasks[i].length);
//#endregion

const results = Promise.all(tasks.map((_, i) => size(i)));
await results.then((list) => console.log(list.join('+'), list.reduce((a, b) => a + b)));
const [first] = await Promise.allSettled([size(0), size(9)]);
console.log(first.status);

//! works
//> 1+2+3 6
//> fulfilled
