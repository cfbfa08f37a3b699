import { threaded } from 'offloop';

//#region jobs
const f = threaded((n) => n * 2);
//#endregion

let total = 0;
try {
  const r = await f.with({ timeout: 10_000 })(5);
  total += r;
} catch (error) {
  console.log(error.code);
}
for (const key of ['a', 'b']) {
  const r = await f.with({ key })(1);
  total += r;
}
console.log(total);

//! works
//> 14
