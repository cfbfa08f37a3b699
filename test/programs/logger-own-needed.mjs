import { threaded } from 'offloop';

const log = {
  level: 'info',
  write(level, text) {
    if (level === this.level) console.log(`${level}: ${text}`);
  },
};
log.write('info', 'ready');
log.level = 'warn';
log.write('info', 'not shown');

const level = threaded(() => log.level);
console.log(await level());

//! works
//> info: ready
//> warn
