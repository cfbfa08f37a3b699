import { byteStream } from 'offloop/objects';
import { threaded, threadedIterable } from 'offloop';
import { createReadStream } from 'node:fs';
const path = '/tmp/bs-big.bin';
const h = threaded(function h(p) { return byteStream(p); });
async function run(f) { const t = performance.now(); const cpu = process.cpuUsage(); let n = 0; for await (const c of await f()) n += c.length; const d = performance.now() - t; const c = process.cpuUsage(cpu); return [Math.round(n / 1e6 / d * 1000), Math.round((c.user + c.system) / 1000)]; }
const rows = { crs: () => createReadStream(path),  t1M: async () => (await h(path)).connect(), t512K: async () => (await h(path)).connect({ readahead: 524288 }), t2M: async () => (await h(path)).connect({ readahead: 2*1048576 }) };
const out = {};
for (let i = 0; i < 7; i++) for (const [k, f] of Object.entries(rows)) (out[k] ??= []).push(await run(f));
for (const [k, v] of Object.entries(out)) { const m = (j) => v.map((x) => x[j]).sort((a, b) => a - b)[3]; console.log(k, m(0), 'MB/s', m(1), 'cpu ms'); }
