import { defineCommand, runMain } from 'citty';
import { threaded } from 'offloop';

//#region jobs
const collatz = threaded(function collatz(n) {
  let steps = 0;
  for (let m = n; m !== 1; steps += 1) m = m % 2 ? 3 * m + 1 : m / 2;
  return steps;
});
//#endregion

const main = defineCommand({
  meta: { name: 'collatz', version: '1.0.0' },
  args: { n: { type: 'positional', required: true }, verbose: { type: 'boolean' } },
  async run({ args }) {
    if (args.verbose) console.log('n is', args.n);
    console.log(await collatz(Number(args.n)));
  },
});

runMain(main);

//! works
//! args 27 --verbose
//> n is 27
//> 111
