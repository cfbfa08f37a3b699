/** A file that is read from its beginning to its end. @module */

import { equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileReaders, fileRead, fileStreamers, transferred } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const mebibyte = 2 ** 20;
let path;

/** A file of `length` mebibytes, each of which has its number in all bytes; removed when the process ends. */
function fileOf(length) {
  if (path === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'offloop-bench-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    path = join(folder, 'file');
    writeFileSync(path, '');
    for (let i = 0; i < length; i += 1) writeFileSync(path, Buffer.alloc(mebibyte, i % 256), { flag: 'a' });
  }
  return path;
}

const row = (name, way, rest) => ({
  name,
  unit: 'µs',
  cpuUnit: 'CPU µs a MiB',
  rounds: 7,
  size: 128,
  quickSize: 32,
  ...rest,
  async round(peer, length, { leadIn }) {
    const file = fileOf(length);
    const read = (some) => peer[way](file, Math.ceil(some) * mebibyte);
    await lead(leadIn, length, read);
    const { time, cpu, value } = await measure(() => read(length));

    equal(value.taken, length * mebibyte);
    equal(value.last.at(-1), (length - 1) % 256);
    return { figure: (time * 1000) / length, cpu: (cpu * 1000) / length, answers: length };
  },
});

export const files = [
  row('read a file here', 'here', {
    contestants: fileReaders,
    baseline: fileRead,
    says: (size) => `a file of ${size} MiB read in this thread, per MiB`,
    // At least 0.8 of its throughput.
    targets: [{ against: fileRead, most: 1.25 }],
  }),
];

export const filesOfThreads = [
  row('read a file of a thread', 'fromThread', {
    contestants: fileStreamers,
    says: (size) => `a file of ${size} MiB that a thread has open, read here, per MiB`,
    targets: [{ against: transferred, most: 1 }],
  }),
];
