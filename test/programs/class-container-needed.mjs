import { threaded } from 'offloop';

//#region jobs
class Container {
  #values = new Map();
  register(name, make) {
    this.#values.set(name, make());
  }
  get(name) {
    return this.#values.get(name);
  }
}
const container = new Container();
container.register('rates', () => ({ eur: 2 }));
container.register('fees', () => [1, 2]);

const price = threaded((n) => n * container.get('rates').eur + container.get('fees').length);
//#endregion

console.log(await price(10));

//! works
//> 22
