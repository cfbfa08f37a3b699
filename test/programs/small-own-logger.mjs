import { threaded } from 'offloop';

//#region jobs
const log = {
  prefix: '>',
  step(text) {
    console.log(this.prefix, text);
  },
  line: (text) => `${log.prefix} ${text}`,
};
const f = threaded((text) => log.line(text));
//#endregion

log.step('one');
log.step(await f('two'));

//! works
//> > one
//> > > two
