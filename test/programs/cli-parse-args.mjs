import { parseArgs } from 'node:util';
import { threaded } from 'offloop';

//#region jobs
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string', default: '10' }, quiet: { type: 'boolean', short: 'q' } },
});

const convert = threaded(function convert(word) {
  return parseInt(word, Number(values.base)) || 0;
});
//#endregion

if (!values.quiet) console.log(`base ${values.base}`);
const results = await Promise.all(positionals.map((word) => convert(word)));
console.log(results.join(', '));
process.exitCode = results.includes(0) ? 2 : 0;

//! works
//! args --base 16 ff 10 zz
//! exit 2
//> base 16
//> 255, 16, 0
