/** Tells how many threads can run at once, with regard to the limits of containers. @module */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** The files of Linux with the limits, which tests replace. */
export interface LimitFolders {
  /** @defaultValue `'/proc/self/cgroup'` */
  readonly membership?: string;

  /** @defaultValue `'/sys/fs/cgroup'` */
  readonly cgroups?: string;
}

/**
 * The lesser of `availableParallelism()` and the CPU quota of the process's control groups (cgroups), which Node.js 20
 * does not regard. At least 1.
 */
export function parallelism(folders: LimitFolders = {}): number {
  const { membership = '/proc/self/cgroup', cgroups = '/sys/fs/cgroup' } = folders;
  const quotas = (read(membership) ?? '').split('\n').flatMap((line) => quotasOf(line, cgroups));
  return Math.max(1, Math.min(availableParallelism(), ...quotas.map(Math.floor)));
}

/** The quotas, in processors, of the group that `line` of `/proc/self/cgroup` names, and of its parent groups. */
function quotasOf(line: string, cgroups: string): number[] {
  const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  const groups = path.split('/').map((_, i, names) => names.slice(0, i + 1).join('/') || '/');
  if (path === '') return [];
  if (controllers === '') return groups.flatMap((group) => unifiedQuota(join(cgroups, group)));
  if (!controllers.split(',').includes('cpu')) return [];
  return groups.flatMap((group) => firstQuota(join(cgroups, 'cpu', group)));
}

/** The quota in cgroups version 2: `max 100000`, or microseconds of each period. */
function unifiedQuota(folder: string): number[] {
  const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(' ').map(Number);
  return ratio(quota, period);
}

/** The quota in cgroups version 1: `-1` for none. */
function firstQuota(folder: string): number[] {
  return ratio(Number(read(join(folder, 'cpu.cfs_quota_us'))), Number(read(join(folder, 'cpu.cfs_period_us'))));
}

function ratio(quota: number | undefined, period: number | undefined): number[] {
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? [quota / period] : [];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
