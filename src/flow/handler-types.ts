/** The types of handlers, and of the facts that they are told. @module */

import type { EventHeaders } from '../streams/index.ts';

/**
 * The facts that a handler is told of an item beside its value, if it declares a second parameter. In a thread there is
 * no `message` and no `signal`: `callSignal()` gives the signal there.
 */
export interface ItemInfo<C = unknown> {
  /** The key of the item's event; `undefined` for an item that comes with no event, or with several. */
  readonly key: unknown;

  /** The headers of the item's event. */
  readonly headers: EventHeaders;

  /** The message as the source of the event has it. */
  readonly message?: unknown;

  /** Which delivery of the same message it is, from 1. */
  readonly attempt: number;

  /** The `context` that `run` was given. */
  readonly context: C;

  /** Aborted when the run has failed, or was aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Called for each item, in order. What it returns is one result, `undefined` is none; a generator, or anything else that
 * returns an iterator, gives as many as it yields.
 */
export type Handler<T> = (value: T, info: ItemInfo<never>) => unknown;

/** Registers a handler, and gives it back as it is. */
export type Register<T> = <F extends Handler<T>>(handler: F) => F;
