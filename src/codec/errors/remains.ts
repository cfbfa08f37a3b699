/** An error without those of its parts that cannot cross. @module */

/** Replaces an error during packing. */
export class Remains {
  readonly error: object;

  /** The fields of the error that can cross. */
  readonly fields: Map<string, unknown> = new Map();

  constructor(error: object) {
    this.error = error;
  }
}
