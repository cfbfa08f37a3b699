#!/usr/bin/env node
import { Command } from 'commander';
import { threaded } from 'offloop';

//#region jobs
const primes = threaded(function primes(limit) {
  const sieve = new Uint8Array(limit + 1);
  const found = [];
  for (let n = 2; n <= limit; n += 1) {
    if (sieve[n]) continue;
    found.push(n);
    for (let m = n * n; m <= limit; m += n) sieve[m] = 1;
  }
  return found;
});
//#endregion

const program = new Command();

program.name('primes').description('lists primes').version('1.0.0');

program
  .command('list')
  .argument('<limit>', 'up to which number', Number)
  .option('-r, --reverse', 'largest first')
  .action(async (limit, options) => {
    const found = await primes(limit);
    console.log((options.reverse ? found.reverse() : found).join(' '));
  });

program.command('count <limit>').action(async (limit) => console.log((await primes(Number(limit))).length));

await program.parseAsync();

//! works
//! args list 30 --reverse
//> 29 23 19 17 13 11 7 5 3 2
