import { threaded } from 'offloop';

//#region jobs
const parsers = {};
for (const [name, parse] of [
  ['int', (text) => Number.parseInt(text, 10)],
  ['json', JSON.parse],
  ['list', (text) => text.split(',')],
]) {
  parsers[name] = parse;
}
for (const name of Object.keys(parsers)) parsers[`${name}?`] = (text) => (text ? parsers[name](text) : null);

const parse = threaded((name, text) => parsers[name](text));
//#endregion

console.log(Object.keys(parsers).length);
console.log(await parse('int', '12'), await parse('list?', ''), await parse('json', '[1]'));

//! works
//> 6
//> 12 null [ 1 ]
