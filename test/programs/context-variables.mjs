import { ContextVar, threaded } from 'offloop';

//#region jobs
const user = new ContextVar('user', { defaultValue: 'nobody' });
const greet = threaded((word) => `${word} ${user.get()}`);
//#endregion

console.log(await greet('hello'));
user.set('ann');
console.log(await greet('hello'));
async function request(name) {
  user.set(name);
  return greet('welcome');
}
console.log((await Promise.all([request('bob'), request('cid')])).join());

//! works
//> hello nobody
//> hello ann
//> welcome bob,welcome cid
