import { threaded } from 'offloop';

//#region jobs
const users = [{ id: 'ann' }, { id: 'bob' }];
const ann = users.find((user) => user.id === 'ann');
ann.quota = 2;
const f = threaded(() => users.map((user) => user.quota ?? 0));
//#endregion

console.log(await f());

//! works
//> [ 2, 0 ]
