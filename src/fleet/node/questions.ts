/** Asks callers whether calls are to run here, which another node may have begun. @module */

import type { Definition } from '../../address/registry.ts';
import { Op } from '../values/frame.ts';
import { Word } from './delivery.ts';
import type { DeskEnds } from './desk-ends.ts';
import type { Order } from './node-call.ts';
import { idOf } from './orders.ts';
import { Remembered } from './remembered.ts';

/** A call that waits for the word of its caller. */
export interface Asking {
  readonly definition: Definition;
  readonly order: Order;

  /** Whether no other node can have had it. */
  readonly isFirst: boolean;
  reply: string;

  /** Whether the question is on its way, or there. */
  isPut: boolean;
}

/** What of the node the questions stand on. */
type QuestionEnds = Pick<DeskEnds, 'hold' | 'isThere' | 'release' | 'say' | 'send'>;

/**
 * The calls whose callers were asked whether they are to run here. They hold a thread each, until that is known.
 *
 * Invariant: a caller is asked once, and again only if the line to it was lost: asked twice, it could not tell whether the
 * call has begun meanwhile.
 */
export class Questions {
  readonly #ends: QuestionEnds;
  readonly #asked = new Map<string, Asking>();

  /** Calls that were begun here and given up, since the line to their callers was lost. */
  readonly #left = new Remembered();

  constructor(ends: QuestionEnds) {
    this.#ends = ends;
  }

  /** How many are not answered. */
  get size(): number {
    return this.#asked.size;
  }

  /** The calls that wait for an answer. */
  get all(): readonly Asking[] {
    return [...this.#asked.values()];
  }

  /** The call `id`, if its caller was asked. */
  get(id: string): Asking | undefined {
    return this.#asked.get(id);
  }

  /** Called when the call `id`, which has begun here, is given up because the line to its caller was lost. */
  leave(id: string): void {
    this.#left.add(id);
  }

  /** Asks the caller of a call that another node may have had, or that it may not count here, whether to run it. */
  async ask(asking: Asking): Promise<void> {
    const { order, reply } = asking;
    const id = idOf(order.caller, order.call);
    this.#asked.set(id, asking);
    // A caller that says nothing does not keep the thread for ever.
    this.#ends.hold(order.caller);
    const isThere = await this.#ends.isThere(order.caller);
    if (this.#asked.get(id) !== asking) return;
    if (isThere) return this.#put(asking);
    this.answered(id);
    this.#ends.say(reply, Word.never);
  }

  /** Called when it is known whether the call `id` is to run here; gives the call, if its caller was asked. */
  answered(id: string): Asking | undefined {
    const asked = this.#asked.get(id);
    if (!asked) return undefined;
    this.#asked.delete(id);
    this.#ends.release(asked.order.caller);
    return asked;
  }

  /** Called when a caller is lost; `isThere` says whether it lives, and has only taken this node for lost. */
  lost(caller: string, isThere: boolean): void {
    for (const [id, asked] of this.#asked) {
      if (asked.order.caller !== caller) continue;
      // The question went with the line, or is still to come.
      if (isThere) {
        this.#ends.hold(caller);
        if (asked.isPut) this.#put(asked);
      } else if (this.#asked.delete(id)) this.#ends.say(asked.reply, Word.never);
    }
  }

  #put(asking: Asking): void {
    const { caller, call } = asking.order;
    asking.isPut = true;
    this.#ends.send(caller, Op.may, call, [this.#left.has(idOf(caller, call)), asking.isFirst]);
  }
}
