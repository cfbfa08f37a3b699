/** Everything that one run of a stream has open. @module */

/** Closes something; may give a promise. */
export type Closer = () => unknown;

/**
 * The closers of what is open, in the order in which it was opened.
 *
 * Invariant: each closer is called once at the most, the last opened first, each after the one before has settled; what is
 * opened in a closed scope is closed at once.
 */
export class Scope {
  readonly #closers = new Set<Closer>();
  #closing: Promise<void> | undefined;

  /** Whether it is closed, or being closed. */
  isClosed = false;

  /** Something was opened. Gives what is to be called once it has ended by itself. */
  add(close: Closer): () => void {
    if (this.isClosed) {
      void settled(close);
      return () => undefined;
    }
    this.#closers.add(close);
    return () => void this.#closers.delete(close);
  }

  /** Closes all that is open, and resolves once that is done. Rejects with the first error; the rest is closed all the same. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.isClosed = true;
    let first: { readonly error: unknown } | undefined;
    for (const close of [...this.#closers].toReversed()) {
      // A part may have ended by itself while another one was closed.
      if (!this.#closers.delete(close)) continue;
      const failure = await settled(close);
      first ??= failure;
    }
    if (first) throw first.error;
  }
}

/** Resolves, in any case, with what it has failed with. */
export async function settled(run: () => unknown): Promise<{ readonly error: unknown } | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return { error };
  }
}
