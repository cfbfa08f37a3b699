import { threaded } from 'offloop';

//#region jobs
const check = threaded(function check(n) {
  if (n > 2) throw new RangeError(`${n} is too much`);
  return n;
});
//#endregion

try {
  console.log(await check(1));
  console.log(await check(3));
} catch (error) {
  console.log(error.name, error.message);
} finally {
  console.log('finally');
}

//! works
//> 1
//> RangeError 3 is too much
//> finally
