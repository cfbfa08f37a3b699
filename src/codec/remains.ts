/** An error of which a part cannot cross, without that part. @module */

/** Stands for an error on its way. */
export class Remains {
  readonly error: object;

  /** The fields that travel. */
  readonly fields: Map<string, unknown> = new Map();

  constructor(error: object) {
    this.error = error;
  }
}
