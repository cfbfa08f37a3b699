const { threaded } = require('offloop');

//#region jobs
global.table = [1];
globalThis.options = { depth: 2 };
table.push(2);
process.env.PROGRAM_LEVEL = 'debug';
Error.stackTraceLimit = 20;
Number.prototype.twice = function () {
  return this * 2;
};

const all = threaded(() => JSON.stringify([table, options, process.env.PROGRAM_LEVEL, (4).twice()]));
//#endregion

all().then(console.log, (error) => {
  console.error(error);
  process.exitCode = 1;
});

//! works
//> [[1,2],{"depth":2},"debug",8]
