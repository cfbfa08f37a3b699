/** How many threads a pool has where a container leaves fewer processors than the machine has. @module */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parallelism } from '../../src/pool/parallelism.ts';
import { project } from '../support/project.ts';

const all = availableParallelism();

/** The result on a Linux with these `files` of cgroups, for a process in the group of `membership`. */
function found(membership: string, files: Readonly<Record<string, string>>): number {
  const folder = project({ membership, ...files });
  return parallelism({ membership: join(folder, 'membership'), cgroups: join(folder, 'cgroup') });
}

test.each([
  ['the quota of its group', '0::/\n', { 'cgroup/cpu.max': '100000 100000\n' }, 1],
  ['whole processors of it', '0::/a/b\n', { 'cgroup/a/b/cpu.max': '190000 100000\n' }, 1],
  ['the least quota of those around it', '0::/a/b\n', { 'cgroup/a/cpu.max': '50000 50000\n' }, 1],
  ['one at least', '0::/\n', { 'cgroup/cpu.max': '20000 100000\n' }, 1],
  ['all if there is no quota', '0::/\n', { 'cgroup/cpu.max': 'max 100000\n' }, all],
  ['no more than there are', '0::/\n', { 'cgroup/cpu.max': '99900000 100000\n' }, all],
  ['all if nothing is told', '', {}, all],
  ['all if what is told makes no sense', '0::/../x\nnonsense\n', { 'cgroup/cpu.max': 'a b c\n' }, all],
  [
    'the quota of the first version',
    '4:cpu,cpuacct:/a\n3:memory:/\n',
    { 'cgroup/cpu/a/cpu.cfs_quota_us': '100000\n', 'cgroup/cpu/a/cpu.cfs_period_us': '100000\n' },
    1,
  ],
  [
    'all if the first version has none',
    '4:cpu:/\n',
    { 'cgroup/cpu/cpu.cfs_quota_us': '-1\n', 'cgroup/cpu/cpu.cfs_period_us': '100000\n' },
    all,
  ],
])('a pool has %s', (_, membership, files, expected) => {
  expect(found(membership, files)).toBe(expected);
});

test('a pool has what the machine of these tests has', () => {
  expect(parallelism()).toBeGreaterThanOrEqual(1);
  expect(parallelism()).toBeLessThanOrEqual(all);
});
