'use strict';

const { createHash } = require('node:crypto');
const { threaded } = require('offloop');

//#region jobs
const md5 = threaded(function md5(text) {
  return createHash('md5').update(text).digest('hex');
});
//#endregion

async function main() {
  console.log(await md5('a'), await md5('b'));
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { md5, main };

//! works
//> 0cc175b9c0f1b6a831c399e269772661 92eb5ffee6ae2fec3ad71c777531578f
