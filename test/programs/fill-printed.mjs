import { threaded } from 'offloop';

const list = [3, 1, 2];
const queue = ['x', 'y'];
let id = 0;
const next = () => (id += 1);

console.log(list.sort().join());
console.log(queue.shift());
console.log(next());

const all = threaded(() => JSON.stringify([list, queue, id]));
console.log(await all());

//! works
//> 1,2,3
//> x
//> 1
//> [[1,2,3],["y"],1]
