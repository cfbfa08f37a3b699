/** The program that is built by each bundler and run by each framework: it uses everything that crosses threads. @module */

export const app = {
  'shared.js': `import { ContextVar } from 'offloop';
export const requestId = new ContextVar('request_id');
export class JobError extends Error {}
`,
  'jobs.js': `import { threadId } from 'node:worker_threads';
import { syncWaitCoroutine, threaded, threadedIterable } from 'offloop';
import { JobError, requestId } from './shared.js';
export const primes = threaded(function primes(limit) {
  const found = [];
  for (let n = 2; n < limit; n += 1) if (found.every((p) => n % p !== 0)) found.push(n);
  return [found.length, threadId !== 0];
});
export const numbers = threadedIterable(function* numbers(n) {
  for (let i = 0; i < n; i += 1) yield i * 1;
});
const by = (factor) => threaded((n) => n * factor);
export const double = by(2);
export const triple = by(3);
export const lengths = threaded((names, read) => names.map((name) => syncWaitCoroutine(read, name).length));
export const who = threaded(() => requestId.get());
export const fail = threaded(() => {
  throw new JobError('refused');
});
export const spin = threaded(() => {
  for (;;);
});
`,
  'check.js': `import { double, fail, lengths, numbers, primes, spin, triple, who } from './jobs.js';
import { JobError, requestId } from './shared.js';
export async function check() {
  const items = [];
  for await (const item of numbers(3)) items.push(item);
  requestId.set('r1');
  const error = await fail().catch((thrown) => thrown);
  const controller = new AbortController();
  const spinning = spin.with({ signal: controller.signal })().catch((reason) => reason);
  controller.abort('enough');
  return {
    primes: await primes(100),
    items,
    twins: [await double(10), await triple(10)],
    lengths: await lengths(['ab', 'cde'], async (name) => name),
    who: await who(),
    error: [error.message, error instanceof JobError],
    aborted: await spinning,
  };
}
`,
  'main.js': `import { check } from './check.js';
console.log('START');
check().then((it) => console.log(JSON.stringify(it)), (error) => console.log(error.code, error.message));
`,
  'lazy.js': `console.log('START');
import('./check.js').then(({ check }) => check()).then((it) => console.log(JSON.stringify(it)), (error) => console.log(error.code, error.message));
`,
};

/** The answer of `check()`. Where a minifier has renamed classes of errors, those of other modules are not found. */
export const answer = (isMinified = false): unknown => ({
  primes: [25, true],
  items: [0, 1, 2],
  twins: [20, 30],
  lengths: [2, 3],
  who: 'r1',
  error: ['refused', !isMinified],
  aborted: 'enough',
});
