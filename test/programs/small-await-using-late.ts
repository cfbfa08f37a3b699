import { threaded, ThreadPool } from 'offloop';

enum Unit {
  km = 1000,
}
const toMetres = threaded((n: number): number => n * Unit.km);

await using pool = new ThreadPool({ size: 1 });
const run = toMetres.with({ pool });
console.log(await run(2));

//! works
//> 2000
