import { threaded } from 'offloop';

//#region jobs
const gen = threaded(function* gen(n) {
  for (let i = 0; i < n; i += 1) yield i * i;
});
//#endregion

for await (const x of gen.with({ maxSize: 2 })(3)) {
  console.log(x);
}

//! works
//> 0
//> 1
//> 4
