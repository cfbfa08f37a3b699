/** A histogram of durations in JavaScript memory, which the garbage collector can see. @module */

/**
 * Counts durations in buckets, 64 for each octave, so that a percentile is right to 1 %. A histogram of Node.js takes
 * hundreds of kilobytes of native memory, of which the garbage collector does not know, so it stays long after its last
 * use.
 *
 * Invariant: the counts add up to `count`.
 */
export class Histogram {
  #counts = new Float64Array(128);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  /** The first duration, and the sum of the squares of the others' differences from it. */
  #first = 0;
  #squares = 0;

  get count(): number {
    return this.#count;
  }

  /** The sum in milliseconds. */
  get sum(): number {
    return this.#sum;
  }

  /** The mean in milliseconds, as all times here; `0` if there are no durations. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.#max;
  }

  /** The standard deviation. */
  get deviation(): number {
    if (this.#count === 0) return 0;
    const mean = this.mean - this.#first;
    return Math.sqrt(Math.max(0, this.#squares / this.#count - mean * mean));
  }

  record(time: number): void {
    const units = time / unit;
    // Most times are short, and most programs make few calls: one function less to run for these.
    const at = units < steps ? Math.round(units) || 1 : stepOf(time);
    if (at >= this.#counts.length) this.#grow(at);
    (this.#counts[at] as number) += 1;
    if (this.#count === 0) this.#first = time;
    this.#count += 1;
    this.#sum += time;
    this.#squares += (time - this.#first) ** 2;
    if (time < this.#min) this.#min = time;
    if (time > this.#max) this.#max = time;
  }

  /** The time that `percent` of the durations do not exceed. */
  percentile(percent: number): number {
    let left = (this.#count * percent) / 100;
    const at = this.#counts.findIndex((count) => (left -= count) <= 0 && count > 0);
    return at < 0 ? 0 : Math.min(this.#max, middleOf(at));
  }

  /** The durations that this one has beyond `earlier`, a copy of this one, or of one that was replaced since. */
  since(earlier: Histogram | undefined): Histogram {
    const rest = new Histogram();
    const isLater = earlier !== undefined && earlier.#counts.every((count, at) => count <= (this.#counts[at] ?? 0));
    const before = isLater ? earlier : rest;
    rest.#counts = this.#counts.map((count, at) => count - (before.#counts[at] ?? 0));
    rest.#count = this.#count - before.#count;
    rest.#sum = this.#sum - before.#sum;
    // The bounds of the rest are not known better than their buckets.
    rest.#max = this.#max;
    rest.#min = this.#min;
    return rest;
  }

  #grow(at: number): void {
    const grown = new Float64Array(Math.max(at + 1, this.#counts.length * 2));
    grown.set(this.#counts);
    this.#counts = grown;
  }
}

/** The width of the first buckets, in milliseconds. */
const unit = 0.001;

/** How many buckets an octave has. */
const steps = 64;

/**
 * The bucket of `time`: below 128 units, one for each unit; above, one for all times with the same first seven bits.
 */
function stepOf(time: number): number {
  const units = Math.max(1, Math.round(time / unit));
  if (units < 2 * steps) return units;
  const shift = units < 2 ** 31 ? 25 - Math.clz32(units) : Math.floor(Math.log2(units)) - 6;
  return shift * steps + Math.floor(units / 2 ** shift);
}

/** The time in the middle of the bucket `at`. */
function middleOf(at: number): number {
  const shift = Math.max(0, Math.floor(at / steps) - 1);
  return (at - shift * steps + (shift === 0 ? 0 : 0.5)) * 2 ** shift * unit;
}
