import { threaded } from 'offloop';

//#region jobs
const limits = { max: 5 };
const clamp = threaded((list) => {
  const limits2 = { ...limits, min: 1 };
  limits2.max -= 1;
  const out = [];
  for (const n of list) out.push(Math.max(limits2.min, Math.min(limits2.max, n)));
  return out;
});
//#endregion

async function main() {
  const limits = { max: 100 };
  limits.max = 7;
  console.log(await clamp([0, 9]), limits.max);
}
main();

//! works
//> [ 1, 4 ] 7
