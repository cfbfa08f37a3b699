/** Measures the time and the CPU time of some work, by all threads of this process. @module */

import { existsSync, readFileSync } from 'node:fs';

/** The CPU time of this process since it started, in milliseconds. */
export function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * The CPU time of the main thread alone, in milliseconds: of the system where that tells, else the time in which its loop was
 * busy.
 */
export function spentOnMain() {
  if (process.threadCpuUsage) {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  }
  if (existsSync('/proc/thread-self/schedstat'))
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  return performance.eventLoopUtilization().active;
}

/** Runs `work`, and gives its times in milliseconds. */
export async function measure(work) {
  const before = spent();
  const start = performance.now();
  const value = await work();
  const time = performance.now() - start;
  return { value, time, cpu: spent() - before };
}

/** The size of one repetition of a lead-in, as a part of the round. */
const leadInPart = 0.1;

/**
 * Runs `work` untimed before a round of `calls`: during the others' turns, this process's threads slept, its memory was
 * released, and the caches were filled by others.
 */
export async function lead(time, calls, work) {
  const start = performance.now();
  do await work(calls * leadInPart);
  while (performance.now() - start < time);
}
