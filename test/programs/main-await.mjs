import { threaded } from 'offloop';

//#region jobs
const reverse = threaded((text) => [...text].reverse().join(''));
//#endregion

const main = async (argv) => {
  for (const word of argv) console.log(await reverse(word));
  return 3;
};

process.exit(await main(process.argv.slice(2)));

//! works
//! args noon dog
//! exit 3
//> noon
//> god
