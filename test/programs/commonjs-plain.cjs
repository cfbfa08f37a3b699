const { threaded } = require('offloop');
const os = require('node:os');
const { join } = require('path');

//#region jobs
const root = join('a', 'b');
const list = threaded(function list(names) {
  return names.map((name) => join(root, name));
});
//#endregion

console.log('platform known', typeof os.platform());
list(['x', 'y'])
  .then((paths) => console.log(paths.join(' ')))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });

//! works
//> platform known string
//> a/b/x a/b/y
