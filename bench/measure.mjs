/** What a stretch of work took: on the clock, and of the processor by all threads of this process. @module */

/** Runs `work`; the times are in milliseconds. */
export async function measure(work) {
  const before = process.cpuUsage();
  const start = performance.now();
  const value = await work();
  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { value, time, cpu: (user + system) / 1000 };
}
