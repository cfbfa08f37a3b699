import util = require('node:util');
import { threaded } from 'offloop';

const inspect = threaded((value: unknown): string => util.inspect(value, { depth: 0 }));

async function main(): Promise<void> {
  console.log(await inspect({ a: { b: 1 } }));
}

if (require.main === module) void main();

export = { main };

//! works
//! since 22
//> { a: [Object] }
