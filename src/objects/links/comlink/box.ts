/** What passes through Comlink itself: it copies nothing, and looks into nothing. @module */

/** A request of this side, before it has its id. */
export class Asked {
  readonly name: string;

  /** Missing if a value is to be read. */
  readonly args: unknown[] | undefined;

  constructor(name: string, args: unknown[] | undefined) {
    this.name = name;
    this.args = args;
  }
}

/** The outcome of a call, of this side or of the other. */
export class Outcome {
  readonly value: unknown;
  readonly isThrown: boolean;

  constructor(value: unknown, isThrown: boolean) {
    this.value = value;
    this.isThrown = isThrown;
  }

  /** @throws What the call has thrown. */
  unwrap(): unknown {
    if (this.isThrown) throw this.value;
    return this.value;
  }
}
