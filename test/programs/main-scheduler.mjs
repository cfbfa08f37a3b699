import { threaded } from 'offloop';

const jobs = [];
function every(ms, name, run) {
  jobs.push(name);
  const timer = setInterval(async () => {
    clearInterval(timer);
    console.log(name, await run());
  }, ms);
}

every(5, 'count', threaded(() => 42));
console.log(jobs.join());

//! works
//> count
//> count 42
