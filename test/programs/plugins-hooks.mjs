import { threaded } from 'offloop';

//#region jobs
class Hooks {
  #list = { before: [], after: [] };
  tap(when, fn) {
    this.#list[when].push(fn);
  }
  call(when, value) {
    return this.#list[when].reduce((v, fn) => fn(v), value);
  }
}
const hooks = new Hooks();
hooks.tap('before', (v) => v + 1);
['after', 'after'].forEach((when, i) => hooks.tap(when, (v) => v * (i + 2)));

const run = threaded((n) => hooks.call('after', hooks.call('before', n)));
//#endregion

console.log(await run(1));

//! works
//> 12
