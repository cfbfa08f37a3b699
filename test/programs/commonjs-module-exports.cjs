'use strict';
const offloop = require('offloop');

module.exports.rows = [];
module.exports.rows.push(1, 2);
module.exports.count = offloop.threaded(() => module.exports.rows.length);

const main = async () => {
  console.log(await module.exports.count());
};

if (!module.parent) main();

//! works
//> 2
