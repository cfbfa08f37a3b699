import { threaded } from 'offloop';

//#region jobs
enum Kind {
  Add = 'add',
  Times = 'times',
}

namespace Ops {
  export const table: Record<string, (a: number, b: number) => number> = {};
  table[Kind.Add] = (a, b) => a + b;
  table[Kind.Times] = (a, b) => a * b;
}

const apply = threaded((kind: Kind, a: number, b: number): number => Ops.table[kind]!(a, b));
//#endregion

console.log('kinds', Object.values(Kind).join());
for (const kind of Object.values(Kind)) console.log(kind, await apply(kind, 3, 5));

//! works
//> kinds add,times
//> add 8
//> times 15
