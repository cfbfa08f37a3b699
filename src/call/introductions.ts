/** What a thread is told once, so that each call need only name it: functions, and the context of the calls that follow. @module */

import type { Address } from '../address/address.ts';
import type { Definition } from '../address/registry.ts';
import type { Carried } from '../context/carried.ts';
import * as down from '../wire/down.ts';
import type { DownRecord, LocalAddress } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';

/** Gives the address under which the other end finds a function. */
export type Introduce = (definition: Definition) => Address | LocalAddress;

/**
 * What one thread was told.
 *
 * Invariant: what is here has been added to the outbox, and is not known to be lost.
 */
export class Introductions {
  /** The context that the thread takes the next call to have. */
  context: Carried | undefined;

  readonly #outbox: Outbox<DownRecord>;
  readonly #introduce: Introduce;

  /** The functions whose addresses the thread was told. */
  readonly #defined = new Set<number>();

  constructor(outbox: Outbox<DownRecord>, introduce: Introduce) {
    this.#outbox = outbox;
    this.#introduce = introduce;
  }

  /** Tells the thread where the function of `definition` is, unless it was told. */
  define(definition: Definition): void {
    if (this.#defined.has(definition.id)) return;
    this.#outbox.add(down.define(definition.id, this.#introduce(definition)));
    this.#defined.add(definition.id);
  }

  /** The calls that follow have `context`. */
  takeOver(context: Carried | undefined): void {
    this.#outbox.add(down.context(context));
    this.context = context;
  }

  /** A message to the thread was lost: what it was told may have been in there. */
  forget(): void {
    this.#defined.clear();
    this.context = { variables: [], stores: [], holes: undefined };
  }
}
