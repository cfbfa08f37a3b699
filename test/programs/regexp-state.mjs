import { threaded } from 'offloop';

const word = /\w+/g;
console.log('one two'.match(word).length, word.test('x'), word.lastIndex);
word.lastIndex = 0;

const count = threaded((text) => text.match(word).length);
console.log(await count('a b c'));

//! works
//> 2 true 1
//> 3
