import { IteratorWrapper, IteratorWrapperSeparate } from 'offloop';

const letters = 'abc';
export function* repeat(times) {
  for (let i = 0; i < times; i += 1) yield letters[i % letters.length];
}

let out = '';
for await (const letter of new IteratorWrapper(repeat, { maxSize: 2, args: [5] })) out += letter;
console.log(out);
out = '';
for await (const letter of new IteratorWrapperSeparate(repeat, { args: [2] })) out += letter;
console.log(out);

//! works
//> abcab
//> ab
