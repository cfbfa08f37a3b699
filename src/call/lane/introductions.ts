/** Sends functions and contexts to a thread once, so that each call need only refer to them. @module */

import type { Address } from '../../address/address.ts';
import type { Definition } from '../../address/registry.ts';
import type { Carried } from '../../context/carried.ts';
import * as down from '../../wire/down.ts';
import type { DownRecord, LocalAddress } from '../../wire/messages.ts';
import type { Outbox } from '../../wire/outbox.ts';

/** Gives the address under which the other end finds a function. */
export type Introduce = (definition: Definition) => Address | LocalAddress;

/**
 * The functions and the context that one thread was sent.
 *
 * Invariant: each record about them was added to the outbox, and is not known to be lost.
 */
export class Introductions {
  /** The context that the thread will use for the next call. */
  context: Carried | undefined;

  readonly #outbox: Outbox<DownRecord>;
  readonly #introduce: Introduce;

  /** The ids of the functions whose addresses the thread was sent. */
  readonly #defined = new Set<number>();

  constructor(outbox: Outbox<DownRecord>, introduce: Introduce) {
    this.#outbox = outbox;
    this.#introduce = introduce;
  }

  /** Sends the address of the function of `definition`, unless the thread has it. */
  define(definition: Definition): void {
    if (this.#defined.has(definition.id)) return;
    const { whole } = definition;
    if (whole) this.define(whole);
    this.#outbox.add(down.define(definition.id, whole?.id ?? this.#introduce(definition)));
    this.#defined.add(definition.id);
  }

  /** Sends `context` as that of the following calls. */
  takeOver(context: Carried | undefined): void {
    this.#outbox.add(down.context(context));
    this.context = context;
  }

  /** Called when a message to the thread was lost, which may have had any of these records: they are sent again. */
  forget(): void {
    this.#defined.clear();
    this.context = { variables: [], stores: [], holes: undefined };
  }
}
