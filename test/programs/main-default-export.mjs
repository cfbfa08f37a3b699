import { threaded } from 'offloop';

export const pad = threaded((text, n) => text.padStart(n, '.'));

export default async function main() {
  console.log(await pad('x', 4));
}

await main();


//! works
//> ...x
