/** How durations are distributed, in memory that is collected like any other. @module */

/**
 * Counts durations by how long they were, each octave in 64 steps: a percentile is right to 1 %. Those of Node.js take
 * hundreds of kilobytes each of which the engine does not know, so that they stay long after the last use of them.
 *
 * Invariant: the counts add up to `count`.
 */
export class Histogram {
  #counts = new Float64Array(128);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** The first one, and the sum of the squares of how far the others are from it. */
  #first = 0;
  #squares = 0;

  get count(): number {
    return this.#count;
  }

  /** In milliseconds, as all that follow; `0` if there are none. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.#max;
  }

  /** The standard deviation of all of them. */
  get deviation(): number {
    if (this.#count === 0) return 0;
    const mean = this.mean - this.#first;
    return Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
  }

  record(time: number): void {
    const at = stepOf(time);
    if (at >= this.#counts.length) this.#grow(at);
    (this.#counts[at] as number) += 1;
    if (this.#count === 0) this.#first = time;
    this.#count += 1;
    this.#sum += time;
    this.#squares += (time - this.#first) ** 2;
    if (time < this.#min) this.#min = time;
    if (time > this.#max) this.#max = time;
  }

  /** The time that `percent` of all do not exceed. */
  percentile(percent: number): number {
    let left = (this.#count * percent) / 100;
    const at = this.#counts.findIndex((count) => (left -= count) <= 0 && count > 0);
    return at < 0 ? 0 : Math.min(this.#max, middleOf(at));
  }

  #grow(at: number): void {
    const grown = new Float64Array(Math.max(at + 1, this.#counts.length * 2));
    grown.set(this.#counts);
    this.#counts = grown;
  }
}

/** The first steps, in milliseconds. */
const unit = 0.001;

/** Into how many steps an octave is divided. */
const steps = 64;

/** The step of `time`: below 128 units each has its own, above that those that share their first seven binary digits. */
function stepOf(time: number): number {
  const units = Math.max(1, Math.round(time / unit));
  if (units < 2 * steps) return units;
  const shift = units < 2 ** 31 ? 25 - Math.clz32(units) : Math.floor(Math.log2(units)) - 6;
  return shift * steps + Math.floor(units / 2 ** shift);
}

/** The time in the middle of the step `at`. */
function middleOf(at: number): number {
  const shift = Math.max(0, Math.floor(at / steps) - 1);
  return (at - shift * steps + (shift === 0 ? 0 : 0.5)) * 2 ** shift * unit;
}
