/** An iterable that somebody is told of when its producer has done with it. @module */

/** Is returned in place of `source`; `over` is called once, when the source has ended, or was closed. */
export class Watched {
  readonly source: unknown;
  readonly over: () => void;

  constructor(source: unknown, over: () => void) {
    this.source = source;
    this.over = over;
  }
}
