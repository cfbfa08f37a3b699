import { cac } from 'cac';
import { threaded } from 'offloop';

//#region jobs
const grep = threaded(function grep(lines, pattern, flags) {
  const test = new RegExp(pattern, flags);
  return lines.filter((line) => test.test(line));
});
//#endregion

const cli = cac('tiny-grep');

cli
  .command('<pattern>', 'find lines')
  .option('-i', 'ignore case')
  .action(async (pattern, options) => {
    const lines = ['One fish', 'two fish', 'red Fish', 'blue bird'];
    for (const line of await grep(lines, pattern, options.i ? 'i' : '')) console.log(line);
  });
cli.help();
cli.version('0.1.0');
cli.parse();

//! works
//! args fish -i
//> One fish
//> two fish
//> red Fish
