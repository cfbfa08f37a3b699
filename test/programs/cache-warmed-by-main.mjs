import { threaded } from 'offloop';

const memo = new Map();
const compute = (n) => {
  if (!memo.has(n)) memo.set(n, n < 2 ? n : compute(n - 1) + compute(n - 2));
  return memo.get(n);
};
const size = threaded(() => memo.size);

async function main() {
  console.log(compute(10));
  console.log(await size());
}
main();

//! refused ERR_OFFLOOP_CAPTURE memo
//> 55
//> 11
