import { threaded } from 'offloop';

const levels = ['debug', 'info', 'error'];
function createLogger(level) {
  const from = levels.indexOf(level);
  const logger = { lines: 0 };
  for (const [i, name] of levels.entries()) {
    logger[name] = (text) => {
      if (i < from) return;
      logger.lines += 1;
      console.log(`[${name}] ${text}`);
    };
  }
  return logger;
}

const log = createLogger('info');
log.debug('hidden');
log.info('starting');

const work = threaded((n) => n ** 2);
log.info(`result ${await work(9)}`);
console.log(log.lines);

//! works
//> [info] starting
//> [info] result 81
//> 2
