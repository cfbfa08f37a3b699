const yargs = require('yargs');
const { threaded } = require('offloop');

//#region jobs
const levenshtein = threaded(function levenshtein(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
});
//#endregion

yargs(process.argv.slice(2))
  .command(
    'distance <a> <b>',
    'how far two words are apart',
    (y) => y.positional('a', { type: 'string' }).positional('b', { type: 'string' }),
    async (args) => {
      console.log(args.a, args.b, await levenshtein(args.a, args.b));
    },
  )
  .demandCommand(1)
  .help().argv;

//! works
//! args distance kitten sitting
//> kitten sitting 3
