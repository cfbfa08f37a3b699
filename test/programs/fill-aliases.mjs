import { threaded } from 'offloop';

//#region jobs
const one = [];
const two = [];
const three = [];
const four = [];
const five = [];
const six = [];
const seven = [];

const alias = one;
alias.push(1);
const identity = (x) => x;
identity(two).push(2);
const holder = {};
holder.list = three;
holder.list.push(3);
const [first] = [four];
first.push(4);
((list) => list.push(5))(five);
class Box {
  constructor(list) {
    this.list = list;
  }
}
new Box(six).list.push(6);
const index = new Map([['seven', seven]]);
index.get('seven').push(7);

const all = threaded(() => JSON.stringify([one, two, three, four, five, six, seven]));
//#endregion

console.log(await all());

//! works
//> [[1],[2],[3],[4],[5],[6],[7]]
