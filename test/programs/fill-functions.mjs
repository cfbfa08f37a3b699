import { threaded } from 'offloop';

//#region jobs
const squares = [];
function* fill() {
  for (let i = 0; i < 3; i += 1) {
    squares.push(i * i);
    yield i;
  }
}
const steps = [...fill()];

const names = [];
const add = names.push.bind(names);
add('a');
['b', 'c'].forEach((name) => names.push(name));
['d'].map(add);

const counter = {
  value: 0,
  get next() {
    return (this.value += 1);
  },
};
void counter.next;
const second = counter.next;

const registry = {};
function register(name, fn = () => name) {
  registry[name] = fn;
  return register;
}
register('x')('y', () => 'Y');

const all = threaded(() =>
  JSON.stringify([squares, steps, names, counter.value, second, Object.keys(registry), registry.y()]),
);
//#endregion

console.log(await all());

//! works
//> [[0,1,4],[0,1,2],["a","b","c","d",0,["d"]],2,2,["x","y"],"Y"]
