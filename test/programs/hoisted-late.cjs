const { threaded } = require('offloop');

run();

function run() {
  setImmediate(() => work(3).then(console.log));
}

var work = threaded(function (n) {
  return helper(n) + late.value;
});

function helper(n) {
  return n * 2;
}

var late = { value: 1 };
late.value += 1;

//! works
//> 8
