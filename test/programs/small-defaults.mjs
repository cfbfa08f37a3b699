import _ from 'underscore';
import { threaded } from 'offloop';

//#region jobs
const options = { depth: 2 };
_.defaults(options, { depth: 9, width: 7 });
_.extend(options, { name: 'x' });
const f = threaded(() => JSON.stringify(options));
//#endregion

console.log(await f());

//! works
//> {"depth":2,"width":7,"name":"x"}
