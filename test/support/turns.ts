/** Lets everything go on that can, without a clock. @module */

/** Gives the event loop some turns. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
