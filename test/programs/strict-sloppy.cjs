var threaded = require('offloop').threaded;

var counter = 0;
function next() {
  return ++counter;
}
function add(a, b) {
  return a + b + offset;
}
var offset = 5;
var addInThread = threaded(add);

next();
addInThread(1, 2).then(function (value) {
  next();
  console.log(value, counter);
});

//! works
//> 8 2
