import { threaded } from 'offloop';

//#region jobs
const names = ['x', 'y'];
names.push('z');
const label = threaded((i) => `${names[i]}${i}`);
//#endregion

for (const [index] of names.entries()) {
  console.log(await label(index));
}
for (let i = 0; i < 2; i += 1) await label(i);
while (names.length > 1) {
  console.log(names.length, await label(0));
  break;
}

//! works
//> x0
//> y1
//> z2
//> 3 x0
