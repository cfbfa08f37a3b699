import { threaded } from 'offloop';

//#region jobs
const tools = { double: threaded((n) => n * 2), base: 1 };
const second = threaded((n) => n + tools.base);
//#endregion

const run = tools.double.bind(null, 4);
const { double } = tools;
const pipeline = [double, second, run];

let value = 1;
for (const step of pipeline) {
  value = await step(value);
  console.log(value);
}
console.log(await Reflect.apply(tools.double, null, [value]), await double.call(null, 1));

//! works
//> 2
//> 3
//> 8
//> 16 2
