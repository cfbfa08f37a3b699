import { threaded } from 'offloop';

//#region jobs
class Service {
  options = {};
  configure(options) {
    Object.assign(this.options, options);
    return this;
  }
}
const service = new Service();
service.configure({ depth: 4 });
service.work = threaded(() => service.options.depth);
//#endregion

console.log(await service.work());

//! works
//> 4
