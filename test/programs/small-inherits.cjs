const util = require('node:util');
const { threaded } = require('offloop');

//#region jobs
function Base() {}
Base.prototype.hello = function () {
  return `hello ${this.name}`;
};
function Derived(name) {
  this.name = name;
}
util.inherits(Derived, Base);
const f = threaded((name) => new Derived(name).hello());
//#endregion

f('world').then(console.log);

//! works
//> hello world
