import _ from 'lodash';
import { threaded } from 'offloop';

//#region jobs
const config = { server: { port: 1 }, tags: ['a'] };
const extra = { server: { host: 'h' }, tags: ['b'] };
_.merge(config, extra);
const f = threaded(() => JSON.stringify(config));
//#endregion

console.log(await f());

//! works
//> {"server":{"port":1,"host":"h"},"tags":["b"]}
