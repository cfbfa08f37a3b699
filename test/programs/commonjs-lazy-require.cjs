const { threaded } = require('offloop');

//#region jobs
let zlib;
function lazy() {
  return (zlib ??= require('node:zlib'));
}
const squeeze = threaded((text) => lazy().gunzipSync(lazy().gzipSync(text)).toString());
//#endregion

(async () => {
  console.log(await squeeze('hello'));
  console.log(lazy().constants.Z_OK);
})();

//! works
//> hello
//> 0
