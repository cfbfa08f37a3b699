import { threaded } from 'offloop';

//#region jobs
Array.prototype.second = function () {
  return this[1];
};
globalThis.answer = 42;
Object.defineProperty(String.prototype, 'shout', {
  value() {
    return `${this.toUpperCase()}!`;
  },
});

const f = threaded((list) => `${list.second().shout()} ${globalThis.answer}`);
//#endregion

console.log([1, 2].second());
console.log(await f(['a', 'b']));

//! works
//> 2
//> B! 42
