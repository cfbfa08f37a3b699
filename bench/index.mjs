// What a call costs, beside a bare Worker and piscina: node bench/index.mjs (after npm run build).
import { once } from 'node:events';
import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { ThreadPool } from 'offloop';
import { add } from './jobs.mjs';

const rounds = 7;
const inSeries = 2000;
const atOnce = 20_000;

const pool = new ThreadPool({ size: 2 });
const piscina = new Piscina({
  filename: new URL('./peers/add.mjs', import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
});
const bare = new Worker(new URL('./peers/echo.mjs', import.meta.url));
const pending = new Map();
let nextId = 0;
bare.on('message', ([id, value]) => {
  pending.get(id)(value);
  pending.delete(id);
});
await once(bare, 'online');

const contestants = {
  'bare worker_threads': (a, b) =>
    new Promise((resolve) => {
      pending.set((nextId += 1), resolve);
      bare.postMessage([nextId, a, b]);
    }),
  piscina: (a, b) => piscina.run([a, b]),
  offloop: add.with({ pool }),
};

/** Microseconds a call, awaited one after the other. */
async function series(call) {
  const start = performance.now();
  for (let i = 0; i < inSeries; i += 1) if ((await call(i, 1)) !== i + 1) throw new Error('wrong answer');
  return ((performance.now() - start) * 1000) / inSeries;
}

/** Microseconds a call, all issued in one turn. */
async function burst(call) {
  const start = performance.now();
  const values = await Promise.all(Array.from({ length: atOnce }, (_, i) => call(i, 1)));
  if (values.some((value, i) => value !== i + 1)) throw new Error('wrong answer');
  return ((performance.now() - start) * 1000) / atOnce;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const results = Object.keys(contestants).map((name) => ({ name, series: [], burst: [] }));
for (let round = 0; round <= rounds; round += 1) {
  for (const result of results) {
    const call = contestants[result.name];
    const [one, many] = [await series(call), await burst(call)];
    // The first round warms up.
    if (round === 0) continue;
    result.series.push(one);
    result.burst.push(many);
  }
}

console.log(
  `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, median of ${rounds} interleaved rounds\n`,
);
console.log('| µs a call | in series | 20,000 at once |\n| --- | --- | --- |');
for (const { name, series, burst } of results) {
  console.log(`| ${name} | ${median(series).toFixed(1)} | ${median(burst).toFixed(1)} |`);
}
await Promise.all([pool.close(), piscina.destroy(), bare.terminate()]);
