import { threaded } from 'offloop';

//#region jobs
const config = {
  level: process.env.LEVEL ?? 'info',
  retries: Number(process.env.RETRIES ?? 3),
};
if (process.env.LEVEL === 'debug') config.verbose = true;
config.name ||= 'program';

const describe = threaded(() => Object.entries(config).map(([k, v]) => `${k}=${v}`).join(' '));
//#endregion

console.log('level', config.level);
console.log(await describe());

//! works
//! env LEVEL=debug RETRIES=5
//> level debug
//> level=debug retries=5 verbose=true name=program
