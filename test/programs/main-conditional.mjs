import { threaded } from 'offloop';

//#region jobs
const f = threaded((n) => n + 1);
//#endregion

const enabled = process.env.OFF !== '1';
const value = enabled ? await f(1) : 0;
enabled && console.log('value', value);
const other = value > 1 || (await f(10));
console.log(other, [await f(2), ...(await Promise.all([f(3)]))], { a: await f(4) }, `${await f(5)}`);

//! works
//> value 2
//> true [ 3, 4 ] { a: 5 } 6
