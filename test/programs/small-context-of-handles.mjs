import { threaded } from 'offloop';

//#region jobs
class Context {
  constructor(parts) {
    Object.assign(this, parts);
    this.name = 'ctx';
  }
}
const h = threaded((n) => n + 1);
const context = new Context({ h });
const g = threaded(() => context.name);
//#endregion

console.log(await context.h(1), await g());

//! works
//> 2 ctx
