/**
 * Skips, under Bun and Deno, the tests of known differences. With `OFFLOOP_KNOWN=check` they run and are expected to fail, so
 * that those which pass by now are told. @module
 */

import { relative } from 'node:path';
import { beforeEach } from 'vitest';
import { root } from '../run.ts';
import { knownDifference } from './known.ts';
import { runtime } from './runtime.ts';

if (runtime !== undefined) {
  beforeEach(({ task, skip }) => {
    const name = `${relative(`${root}test`, task.file.filepath)} > ${task.fullTestName}`;
    const difference = knownDifference(runtime, name);
    if (!difference) return;
    if (process.env['OFFLOOP_KNOWN'] === 'check' && difference.isSteady !== false) Object.assign(task, { fails: true });
    else skip(difference.what);
  });
}
