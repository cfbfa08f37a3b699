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
