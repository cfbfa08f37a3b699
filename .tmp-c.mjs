import { byteStream } from 'offloop/objects';
import { createReadStream } from 'node:fs';
const path = '/tmp/bs-big.bin';
async function run(f) { const t = performance.now(); const cpu = process.cpuUsage(); let n = 0; for await (const c of await f()) n += c.length; const d = performance.now() - t; const c = process.cpuUsage(cpu); return [Math.round(n / 1e6 / d * 1000), Math.round((c.user + c.system) / 1000)]; }
const rows = { crs: () => createReadStream(path), crs256: () => createReadStream(path, { highWaterMark: 262144 }), w1M: () => byteStream(path).connect(), w256K: () => byteStream(path).connect({ readahead: 262144 }), w512K: () => byteStream(path).connect({ readahead: 524288 }) };
const out = {};
for (let i = 0; i < 7; i++) for (const [k, f] of Object.entries(rows)) (out[k] ??= []).push(await run(f));
for (const [k, v] of Object.entries(out)) { const m = (j) => v.map((x) => x[j]).sort((a, b) => a - b)[3]; console.log(k, m(0), 'MB/s', m(1), 'cpu ms'); }
