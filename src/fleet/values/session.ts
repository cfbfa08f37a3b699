/** What goes to and fro between both sides of one call, besides its result: functions, signals, iterables and items. @module */

import { OffloopError } from '../../base/errors.ts';
import { AbortController, Promise } from '../../base/intrinsics.ts';
import { isSignal, reasonOf } from '../../base/signal.ts';
import { holdIterable } from '../../channel/adapters/held.ts';
import type { HeldIterable } from '../../channel/adapters/held.ts';
import { releasedError } from '../../codec/live/handles.ts';
import type { ResolveClass } from '../../codec/errors/classes.ts';
import { kindOf } from '../../codec/walk/kinds.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { decodeValue, encodeThrown, encodeValue } from './bodies.ts';
import { runIn, valuesHere } from './contexts.ts';
import { malformed, numberOf, Op } from './frame.ts';
import type { Frame } from './frame.ts';
import { Intake } from './intake.ts';
import type { IntakeLine, IntakeOptions } from './intake.ts';
import { Pump } from './pump.ts';

/** How the session sends, and what it knows. */
export interface SessionEnds {
  send(op: number, facts: readonly unknown[], body?: Uint8Array): void;
  readonly resolveClass?: ResolveClass | undefined;
}

/** What stands in the arguments for what stays on the side of the caller. */
interface Ticket {
  readonly as: 'function' | 'signal' | 'iterable';
  readonly id: number;

  /** Of a signal that is aborted already: its reason, as bytes, because a ticket is written as it is. */
  readonly reason?: Uint8Array;
}

interface Reply {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** How many items of an iterable among the arguments may be on their way. */
const window = 64;

/** The stream of the items that the function yields; those of iterables among the arguments come after. */
export const result = 0;

/**
 * One side of a call.
 *
 * Invariant: after `end` nothing is sent, no function is called from the other side, and nobody waits for it.
 */
export class Session {
  readonly #ends: SessionEnds;
  readonly #exported = new Map<number, Function>();
  readonly #signals = new Map<number, AbortController>();
  readonly #replies = new Map<number, Reply>();
  readonly #pumps = new Map<number, Pump>();
  readonly #intakes = new Map<number, Intake>();
  readonly #tickets = new Map<object, Ticket>();
  readonly #stops: (() => void)[] = [];
  #last = 0;
  #reason: { readonly error: unknown } | undefined;

  constructor(ends: SessionEnds) {
    this.#ends = ends;
  }

  /**
   * The bytes of arguments; functions, signals and iterables among them stay here.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross.
   */
  encodeArguments(args: readonly unknown[], context: unknown): Uint8Array {
    return encodeValue([args, context], { root: 'args', exportLive: (value) => this.#export(value) });
  }

  /** The arguments and the context of a call. */
  decodeArguments(bytes: Uint8Array): readonly [args: unknown[], context: unknown] {
    const made = new Map<number, unknown>();
    const importLive = (payload: object): unknown => {
      const ticket = payload as Ticket;
      if (!made.has(ticket.id)) made.set(ticket.id, this.#import(ticket));
      return made.get(ticket.id);
    };
    return argumentsIn(this.#decode(bytes, importLive));
  }

  /** Whether there are iterables among the arguments that were sent, which give their items once only. */
  get hasStreams(): boolean {
    return this.#pumps.size > 0;
  }

  /** The items of the function, for the caller. */
  receive(most: number, options?: IntakeOptions): Intake {
    return this.#intake(result, most, options);
  }

  /** Sends the items of the function, at the node; `ended` is told how it ends. */
  send(held: HeldIterable, ended: (isReturned: boolean, value: unknown) => void): void {
    this.#pumps.set(result, this.#pump(result, held, ended));
  }

  /** There is room for the first `count` items at the caller, who does not ask for them. */
  askFirst(count: number): void {
    if (count > 0) this.#pumps.get(result)?.ask(count);
  }

  /** Ends the items of the function, at the node. */
  close(): void {
    void this.#pumps.get(result)?.close();
  }

  /** Reads a frame of the other side; gives `false` if it is not about such things. */
  hear(frame: Frame): boolean {
    if (this.#reason) return frame.op >= Op.invoke;
    switch (frame.op) {
      case Op.invoke:
        void this.#invoked(numberOf(frame, 0), numberOf(frame, 1), frame.body);
        return true;
      case Op.reply:
        this.#replied(numberOf(frame, 0), frame.facts[1] === true, frame.body);
        return true;
      case Op.items:
        this.#intakes.get(numberOf(frame, 0))?.heard(this.#decode(frame.body) as unknown[]);
        return true;
      case Op.end: {
        const value = this.#decode(frame.body);
        this.#intakes.get(numberOf(frame, 0))?.ended(frame.facts[1] === true ? { returned: value } : { error: value });
        return true;
      }
      case Op.ask:
        this.#pumps.get(numberOf(frame, 0))?.ask(numberOf(frame, 1));
        return true;
      case Op.give: {
        const pump = this.#pumps.get(numberOf(frame, 0));
        const value = this.#decode(frame.body);
        if (frame.facts[1] === true) pump?.ask(1, value);
        else void pump?.raise(value);
        return true;
      }
      case Op.close:
        void this.#pumps.get(numberOf(frame, 0))?.close();
        return true;
      case Op.signal:
        this.#signals.get(numberOf(frame, 0))?.abort(this.#decode(frame.body));
        return true;
      default:
        return false;
    }
  }

  /** The call is over, or the other side is lost: `error` is why, for those who still wait. */
  end(given?: OffloopError): void {
    if (this.#reason) return;
    const error = given ?? releasedError();
    this.#reason = { error };
    for (const stop of this.#stops) stop();
    for (const { reject } of this.#replies.values()) reject(error);
    for (const intake of this.#intakes.values()) intake.ended({ error });
    for (const pump of this.#pumps.values()) void pump.close();
  }

  #send(op: number, facts: readonly unknown[], body?: Uint8Array): void {
    if (!this.#reason) this.#ends.send(op, facts, body);
  }

  #decode(bytes: Uint8Array, importLive?: (payload: object) => unknown): unknown {
    const { resolveClass } = this.#ends;
    return decodeValue(bytes, { ...(resolveClass && { resolveClass }), ...(importLive && { importLive }) });
  }

  #export(value: object): Ticket | undefined {
    const known = this.#tickets.get(value);
    if (known) return known;
    const ticket = this.#ticketOf(value);
    if (ticket) this.#tickets.set(value, ticket);
    return ticket;
  }

  #ticketOf(value: object): Ticket | undefined {
    if (typeof value === 'function') {
      this.#last += 1;
      this.#exported.set(this.#last, value);
      return { as: 'function', id: this.#last };
    }
    if (isSignal(value)) return this.#signalTicket(value);
    if (kindOf(value) !== 'iterable') return undefined;
    this.#last += 1;
    const id = this.#last;
    this.#pumps.set(
      id,
      this.#pump(id, holdIterable(value), () => this.#pumps.delete(id)),
    );
    return { as: 'iterable', id };
  }

  #signalTicket(signal: AbortSignal): Ticket {
    this.#last += 1;
    const id = this.#last;
    if (signal.aborted) return { as: 'signal', id, reason: encodeThrown(reasonOf(signal)) };
    this.#stops.push(onAbort(signal, () => this.#send(Op.signal, [id], encodeThrown(reasonOf(signal)))));
    return { as: 'signal', id };
  }

  #import({ as, id, reason }: Ticket): unknown {
    if (!Number.isSafeInteger(id)) throw malformed();
    if (as === 'function') return (...args: unknown[]) => this.#invoke(id, args);
    if (as === 'iterable') return this.#intake(id, window);
    if (as !== 'signal') throw malformed();
    const controller = new AbortController();
    if (reason instanceof Uint8Array) controller.abort(this.#decode(reason));
    this.#signals.set(id, controller);
    return controller.signal;
  }

  #intake(id: number, most: number, options?: IntakeOptions): Intake {
    const line: IntakeLine = {
      ask: (count, given) =>
        given === undefined
          ? this.#send(Op.ask, [id, count])
          : this.#send(Op.give, [id, true], encodeValue(given, { root: 'the value of next()' })),
      raise: (error) => this.#send(Op.give, [id, false], encodeThrown(error)),
      close: () => this.#send(Op.close, [id]),
    };
    const intake = new Intake(most, line, options);
    this.#intakes.set(id, intake);
    return intake;
  }

  #pump(id: number, held: HeldIterable, ended: (isReturned: boolean, value: unknown) => void): Pump {
    return new Pump(held, {
      items: (items) => {
        const body = encodeValue(items, { root: 'an item' });
        this.#send(Op.items, [id], body);
        return body.length;
      },
      end: (isReturned, value) => {
        if (id !== result) this.#send(Op.end, [id, isReturned], isReturned ? undefinedBytes : encodeThrown(value));
        ended(isReturned, value);
      },
    });
  }

  /** Calls a function of the caller. */
  #invoke(id: number, args: unknown[]): Promise<unknown> {
    if (this.#reason) return Promise.reject(this.#reason.error);
    return new Promise((resolve, reject) => {
      const body = encodeValue([args, valuesHere()], { root: 'args' });
      this.#last += 1;
      this.#replies.set(this.#last, { resolve, reject });
      this.#send(Op.invoke, [this.#last, id], body);
    });
  }

  async #invoked(reply: number, id: number, body: Uint8Array): Promise<void> {
    try {
      const [args, context] = this.decodeArguments(body);
      const fn = this.#exported.get(id);
      if (!fn) throw new OffloopError('ERR_OFFLOOP_HANDLE_RELEASED', 'Cannot call a function that no argument is');
      const value: unknown = await runIn(context, () => Reflect.apply(fn, undefined, args) as unknown);
      this.#send(Op.reply, [reply, true], encodeValue(value, { root: 'the result of a callback' }));
    } catch (error) {
      this.#send(Op.reply, [reply, false], encodeThrown(error));
    }
  }

  #replied(reply: number, isReturned: boolean, body: Uint8Array): void {
    const waiting = this.#replies.get(reply);
    this.#replies.delete(reply);
    try {
      const value = this.#decode(body);
      if (isReturned) waiting?.resolve(value);
      else waiting?.reject(value);
    } catch (error) {
      waiting?.reject(error);
    }
  }
}

/** What the body of a call says: its arguments, and its context. */
export function argumentsIn(value: unknown): readonly [args: unknown[], context: unknown] {
  if (!Array.isArray(value) || !Array.isArray(value[0])) throw malformed();
  return value as [unknown[], unknown];
}

const undefinedBytes = encodeValue(undefined, { root: 'the end' });
