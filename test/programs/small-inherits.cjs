const util = require('node:util');
const { threaded } = require('offloop');

function Base() {}
Base.prototype.hello = function () {
  return `hello ${this.name}`;
};
function Derived(name) {
  this.name = name;
}
util.inherits(Derived, Base);
const f = threaded((name) => new Derived(name).hello());
f('world').then(console.log);


//! works
//> hello world
