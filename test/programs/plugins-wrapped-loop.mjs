import { threaded } from 'offloop';

//#region jobs
const operations = {
  add: (a, b) => a + b,
  multiply: (a, b) => a * b,
};
const handlers = {};
for (const [name, fn] of Object.entries(operations)) {
  handlers[name] = threaded(fn, { name });
}
//#endregion

for (const name of Object.keys(handlers)) console.log(name, await handlers[name](3, 4));

//! works
//> add 7
//> multiply 12
