import { threaded } from 'offloop';

//#region jobs
const parse = threaded(function parse(text) {
  return JSON.parse(text);
});
//#endregion

async function main() {
  console.log(await parse('{"a":1}'));
  await parse('{"a":');
}

main()
  .then(() => console.log('done'))
  .catch((error) => {
    console.log('failed', error.name);
    process.exitCode = 1;
  })
  .finally(() => console.log('bye'));

//! works
//! exit 1
//> { a: 1 }
//> failed SyntaxError
//> bye
