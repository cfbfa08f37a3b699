import { coroutine, syncWaitCoroutine, threaded } from 'offloop';

class Database {
  #rows = new Map();
  async put(key, value) {
    this.#rows.set(key, value);
  }
  async get(key) {
    return this.#rows.get(key) ?? null;
  }
}
const database = new Database();
const get = coroutine((key) => database.get(key));
const total = threaded((keys) => keys.reduce((sum, key) => sum + syncWaitCoroutine(get, key), 0));

async function main() {
  await database.put('a', 1);
  await database.put('b', 41);
  console.log(await total(['a', 'b']));
}
main();

//! works
//! oracle hand
//> 42
