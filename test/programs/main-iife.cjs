const { threaded } = require('offloop');

//#region jobs
const gcd = threaded(function gcd(a, b) {
  return b === 0 ? a : inner(b, a % b);
});
function inner(a, b) {
  return b === 0 ? a : inner(b, a % b);
}
//#endregion

void (async function main() {
  try {
    console.log(await gcd(48, 36));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
})();

//! works
//> 12
