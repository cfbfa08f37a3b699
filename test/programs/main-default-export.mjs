import { threaded } from 'offloop';

//#region jobs
export const pad = threaded((text, n) => text.padStart(n, '.'));
//#endregion

export default async function main() {
  console.log(await pad('x', 4));
}

await main();

//! works
//> ...x
