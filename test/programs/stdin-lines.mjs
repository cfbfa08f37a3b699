import { createInterface } from 'node:readline';
import { threaded } from 'offloop';

//#region jobs
const evaluate = threaded(function evaluate(line) {
  const [a, op, b] = line.split(' ');
  return op === '+' ? Number(a) + Number(b) : Number(a) * Number(b);
});
//#endregion

const rl = createInterface({ input: process.stdin });
for await (const line of rl) {
  console.log(line, '=', await evaluate(line));
}

//! works
//! stdin "1 + 2\n3 * 4\n"
//> 1 + 2 = 3
//> 3 * 4 = 12
