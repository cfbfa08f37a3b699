import { threaded } from 'offloop';

//#region jobs
const defaults = Object.freeze({ a: 1, nested: { x: 1 } });
const overrides = { b: 2 };
const config = Object.assign({}, defaults, overrides);
config.nested = { ...config.nested, y: 2 };
delete config.a;
Object.defineProperty(config, 'sum', { get: () => config.nested.x + config.nested.y, enumerable: true });
Reflect.set(config, 'c', 3);

const read = threaded(() => JSON.stringify(config));
//#endregion

console.log(await read());

//! works
//> {"nested":{"x":1,"y":2},"b":2,"sum":3,"c":3}
