import { appendFileSync, readFileSync } from 'node:fs';
import { threaded } from 'offloop';

class Store {
  rows = [];
  insert(row) {
    this.rows.push(row);
    appendFileSync('rows.txt', `${row}\n`);
  }
}
const store = new Store();
store.insert('a');
store.insert('b');
const count = threaded(() => store.rows.length);
console.log(readFileSync('rows.txt', 'utf8').trim().split('\n').length);
console.log(await count());

//! refused ERR_OFFLOOP_CAPTURE store
//> 2
//> 2
//* appendFile rows.txt
//* appendFile rows.txt
//+ rows.txt 05dec960
