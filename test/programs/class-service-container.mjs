import { threaded } from 'offloop';

//#region jobs
class Container {
  #factories = new Map();
  #made = new Map();
  register(name, factory) {
    this.#factories.set(name, factory);
    return this;
  }
  resolve(name) {
    if (!this.#made.has(name)) this.#made.set(name, this.#factories.get(name)(this));
    return this.#made.get(name);
  }
}

const hash = threaded(function hash(text) {
  let h = 0;
  for (const c of text) h = (h * 31 + c.charCodeAt(0)) >>> 0;
  return h;
});
//#endregion

const container = new Container();
container
  .register('clock', () => ({ now: () => 42 }))
  .register('hasher', () => ({ hash }))
  .register('service', (c) => ({
    run: async (text) => `${c.resolve('clock').now()} ${await c.resolve('hasher').hash(text)}`,
  }));

console.log(await container.resolve('service').run('hello'));

//! works
//> 42 99162322
