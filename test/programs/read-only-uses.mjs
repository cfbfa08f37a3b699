import { threaded } from 'offloop';

//#region jobs
const config = { name: 'x', list: [1, 2, 3], nested: { on: true } };
const names = new Map([['a', 1]]);

const f = threaded(() => config.list.length + names.get('a'));
//#endregion

async function main() {
  const copy = structuredClone(config);
  copy.list.push(4);
  const { nested, ...rest } = config;
  const doubled = config.list.map((n) => n * 2).filter((n) => n > 2);
  console.log(JSON.stringify(config), Object.keys(rest).join(), nested.on, doubled.slice(0, 1), [...names.keys()]);
  for (const [key, value] of names) console.log(key, value, names.has(key), config.list.includes(value));
  console.log(copy.list.length, config.list.toString(), config.list.at(-1), config.list.indexOf(2));
  console.log(await f());
}
await main();

//! works
//> {"name":"x","list":[1,2,3],"nested":{"on":true}} name,list true [ 4 ] [ 'a' ]
//> a 1 true true
//> 4 1,2,3 3 1
//> 4
