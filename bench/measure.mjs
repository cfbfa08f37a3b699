/** What a stretch of work took: on the clock, and of the processor by all threads of this process. @module */

/** What this process has taken of the processors since it started, in milliseconds. */
export function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs `work`; the times are in milliseconds. */
export async function measure(work) {
  const before = spent();
  const start = performance.now();
  const value = await work();
  const time = performance.now() - start;
  return { value, time, cpu: spent() - before };
}

/** What a lead-in repeats is this part of the round. */
const leadInPart = 0.1;

/**
 * Leads into a round of `calls`: while the others had their turns, this process's threads slept, its memory was given back
 * and the caches were filled with theirs.
 */
export async function lead(time, calls, work) {
  const start = performance.now();
  do await work(calls * leadInPart);
  while (performance.now() - start < time);
}
