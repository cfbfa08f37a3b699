import { threaded, ThreadPool } from 'offloop';

await using pool = new ThreadPool({ size: 1 });

const square = threaded({ pool })((n: number) => n * n);

console.log(await square(12));
console.log(await Promise.all([1, 2, 3].map((n) => square(n))));

//! works
//> 144
//> [ 1, 4, 9 ]
