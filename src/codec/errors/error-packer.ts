/** Packs errors, which always arrive: without those of their parts that cannot cross. @module */

import { sendableOf } from '../sendable.ts';
import type { Packing } from '../walk/trail.ts';
import type { PartWalker } from '../walk/walker.ts';
import { errorFields, errorPayload } from './payload.ts';
import type { Remains } from './remains.ts';
import { mostSteps, mostWhole, Salvage } from './salvage.ts';

/** How many steps a part may be away from its error if the stack is too small for more. */
const fewSteps = 20;

/**
 * Packs errors, and other values that were thrown.
 *
 * Invariant: of errors within each other, the outermost one leaves out what cannot cross.
 */
export class ErrorPacker {
  readonly #walker: PartWalker;
  readonly #fits: (value: object) => boolean;

  /** Whether an error contains the value being packed. */
  #isInError = false;

  /** The parts of errors that can cross. */
  #salvage: Salvage | undefined;

  /** `fits` says whether a value that is not taken apart can cross. */
  constructor(walker: PartWalker, fits: (value: object) => boolean) {
    this.#walker = walker;
    this.#fits = fits;
  }

  /** Packs an error; `registered` is the name of its class if that is registered. */
  pack(value: object, registered?: string): Packing {
    const whole = (): Packing => this.#packFields(value, errorFields(value), registered);
    if (this.#isInError) return whole();
    this.#isInError = true;
    try {
      return this.packWhatCan(value, whole);
    } finally {
      this.#isInError = false;
    }
  }

  /**
   * Packs `value` by `whole` if all of it can cross and is not too much; otherwise packs the parts that can cross.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if no part of it can cross.
   */
  packWhatCan(value: object, whole: () => Packing): Packing {
    const { trail } = this.#walker;
    const before = trail.most;
    trail.most = Math.min(before, trail.packings.size + mostWhole);
    let packing = trail.attempt(whole);
    trail.most = before;
    // Each attempt keeps only parts that are nearer to the error, in case the stack is too small for the rest.
    for (const steps of [mostSteps, fewSteps, 0]) packing ??= trail.attempt(() => this.#packLeft(value, steps));
    if (!packing) throw trail.refusal(value);
    return packing;
  }

  /** Packs what is left of an error. */
  packRemains({ error, fields }: Remains): Packing {
    return this.#walker.trail.packings.get(error) ?? this.#packFields(error, fields, sendableOf(error)?.name);
  }

  /** Runs `action` as if no error were around: an error that it packs leaves out its own parts. */
  apart(action: () => void): void {
    const isInError = this.#isInError;
    this.#isInError = false;
    try {
      action();
    } finally {
      this.#isInError = isInError;
    }
  }

  #packLeft(value: object, steps: number): Packing {
    const { trail } = this.#walker;
    if (this.#salvage?.steps !== steps) this.#salvage = new Salvage(this.#fits, steps);
    const left = this.#salvage.rescue(value);
    if (!left) throw trail.refusal(value);
    return trail.packings.get(left) ?? this.#walker.pack(left);
  }

  #packFields(error: object, fields: Iterable<readonly [string, unknown]>, registered: string | undefined): Packing {
    const walker = this.#walker;
    const { trail } = walker;
    const payload = errorPayload(error, registered);
    const packing = trail.keep(error, payload, 'error');
    trail.within(error, () => {
      for (const [key, field] of fields) walker.put(payload.fields, key, field);
    });
    trail.holes.push([payload, undefined, 'fields', undefined]);
    return packing;
  }
}
