import { threaded } from 'offloop';

//#region jobs
const snippets = [];
const sql = (parts, ...values) => {
  snippets.push(parts.length);
  return parts.reduce((text, part, i) => text + part + (i < values.length ? `$${i + 1}` : ''), '');
};
const query = sql`select * from t where id = ${1} and n = ${2}`;
const run = threaded(() => `${query} (${snippets.length})`);
//#endregion

console.log(query);
console.log(await run());

//! works
//> select * from t where id = $1 and n = $2
//> select * from t where id = $1 and n = $2 (1)
