/** Leaves out, under Bun and Deno, the tests of known differences; with `OFFLOOP_KNOWN=check` they run. @module */

import { relative } from 'node:path';
import { beforeEach } from 'vitest';
import { root } from '../run.ts';
import { knownDifference } from './known.ts';
import { runtime } from './runtime.ts';

const here = runtime;

if (here !== undefined && process.env['OFFLOOP_KNOWN'] !== 'check') {
  beforeEach(({ task, skip }) => {
    const name = `${relative(`${root}test`, task.file.filepath)} > ${task.fullTestName}`;
    const difference = knownDifference(here, name);
    if (difference) skip(difference.what);
  });
}
