/** A disk on which there is no room left: what cannot be written rejects, what was acknowledged stays. @module */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { drivers, newPath } from '../support/caches.ts';
import { fixture } from '../support/run.ts';

describe.runIf(process.platform !== 'win32').each(drivers)('a cache in %s whose disk is full', (driver) => {
  test.each([
    ['without a bound', []],
    ['with a bound', ['bounded']],
  ])('%s rejects what it cannot write, and loses and tears nothing', async (_, bounds) => {
    const path = newPath();
    // The limit for a file is given in pieces of 1 KiB.
    const command = ['ulimit -f 2048; exec "$0" "$@"', process.execPath, fixture('caches/full-disk.mjs'), path, driver];

    const { stdout } = await promisify(execFile)('bash', ['-c', ...command, ...bounds]);

    expect(JSON.parse(stdout)).toEqual({
      codes: ['ERR_OFFLOOP_STORE true'],
      some: true,
      transaction: false,
      thread: ['ERR_OFFLOOP_STORE', 'ERR_OFFLOOP_STORE'],
      lost: [],
      torn: [],
      // SQLite notes removals before it makes them, for which there is no room either.
      last: driver === 'lmdb',
      unhandled: 0,
    });
  });
});
