/** Orders what threads and tests do, without clocks: a few shared fields. @module */

/** Field 0: opened; field 1: entered (the id of a thread, or how many); field 2: a counter. */
export function gate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(16));
}

/** Lets everyone in who waits for field 0. */
export function open(it: Int32Array): void {
  Atomics.store(it, 0, 1);
  Atomics.notify(it, 0);
}

/** Resolves once field `index` is at least `value`. */
export async function reaches(it: Int32Array, index: number, value: number): Promise<void> {
  for (;;) {
    const current = Atomics.load(it, index);
    if (current >= value) return;
    const wait = Atomics.waitAsync(it, index, current);
    // The wait itself does not keep the loop alive.
    const alive = setInterval(() => undefined, 1000);
    if (wait.async) await wait.value;
    clearInterval(alive);
  }
}
