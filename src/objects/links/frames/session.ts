/** A connection between two links of this library. @module */

import { OffloopError } from '../../../base/errors.ts';
import { Promise } from '../../../base/intrinsics.ts';
import type { Carrier } from '../carriers/carrier.ts';
import type { Connection, ConnectionEvents, Exposed } from '../live/connection.ts';
import { Exports, root } from '../live/exports.ts';
import type { Gate } from '../live/gate.ts';
import { Heartbeat } from '../live/heartbeat.ts';
import { lostError, partedError, silentError } from '../live/lost.ts';
import type { LinkCallOptions, OutgoingChunk, Remote } from '../live/remote.ts';
import { Answering } from './answering.ts';
import { bodyOf, frameOf, Kind, malformed, readFrame, targetFrame } from './frame.ts';
import type { Frame } from './frame.ts';
import { checkedHello, version } from './hello.ts';
import type { Hello } from './hello.ts';
import { Pending } from './pending.ts';
import { RemoteTarget } from './remote-target.ts';
import type { Requests } from './requests.ts';
import { Sending } from './sending.ts';
import { Serving } from './serving.ts';
import { Values } from './values.ts';

const noOptions: LinkCallOptions = {};

/**
 * Sends calls and serves those of the other side.
 *
 * Invariant: once `#error` is set nothing is sent, and every call was settled.
 */
export class Session implements Connection, Requests {
  readonly root: Remote;
  readonly #carrier: Carrier;
  readonly #exposed: Exposed;
  readonly #events: ConnectionEvents;
  readonly #exports: Exports;
  readonly #values: Values;
  readonly #sending: Sending;
  readonly #pending: Pending;
  readonly #serving: Serving;
  readonly #heartbeat: Heartbeat;
  readonly #settling: (() => void)[] = [];
  #hello: Hello | undefined;

  /** Whether a hello may come after the first one, as it was asked for. */
  #hasAsked: boolean;

  #isClosing = false;
  #error: OffloopError | undefined;

  constructor(carrier: Carrier, exposed: Exposed, events: ConnectionEvents) {
    this.#carrier = carrier;
    this.#hasAsked = carrier.mayHaveMissed;
    this.#exposed = exposed;
    this.#events = events;
    this.#exports = new Exports(exposed.gateway, exposed.gate, exposed.maxObjects);
    this.#values = new Values(this, this.#exports, exposed.nested, () => events.peer());
    this.#sending = new Sending(carrier, exposed, (error) => this.end(error));
    const answering = new Answering(this.#values, this.#sending);
    this.#pending = new Pending(answering.cancel, this.#tellSettled);
    this.#serving = new Serving(exposed.maxCalls, answering, this.#tellSettled);
    this.root = new RemoteTarget(this, root);
    this.#heartbeat = new Heartbeat(exposed.heartbeat, {
      ask: () => this.#sending.send(frameOf(Kind.ping, 0)),
      silent: () => this.end(silentError(exposed.heartbeat)),
    });
  }

  /** Begins to listen, and says hello. */
  start(): void {
    this.#greetWith(this.#hasAsked);
    this.#carrier.listen({
      receive: this.receive,
      drained: () => this.#sending.drained(),
      lost: (cause) => this.end(cause instanceof OffloopError ? cause : lostError(cause)),
    });
  }

  #greetWith(again: boolean): void {
    const { maxMessage, maxCalls } = this.#exposed;
    const hello = { version, maxMessage, maxCalls } satisfies Hello;
    const body = this.#values.encode(again ? { ...hello, again } : hello, 'hello');
    this.#sending.send(frameOf(Kind.hello, 0, body));
  }

  request(
    target: number,
    name: string,
    args: unknown[] | undefined,
    options: LinkCallOptions = noOptions,
  ): Promise<unknown> {
    const { signal, timeout } = options;
    if (this.#error) return Promise.reject(this.#error);
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const id = this.#pending.add({ resolve, reject });
      if (signal || timeout !== undefined) this.#pending.limit(id, name, options);
      try {
        // The answer may come before this returns.
        this.#sendCall(id, target, name, args);
      } catch (error) {
        this.#pending.take(id)?.reject(error);
      }
    });
  }

  #sendCall(id: number, target: number, name: string, args: unknown[] | undefined): void {
    const most = this.#hello?.maxCalls ?? Infinity;
    if (this.#pending.size > most)
      throw new OffloopError('ERR_OFFLOOP_QUEUE_FULL', `Cannot call ${name} of a peer: ${most} calls are in flight`);
    const frame = args
      ? targetFrame(Kind.call, id, target, name, this.#values.encode(args, 'arguments'))
      : targetFrame(Kind.read, id, target, name);
    this.#sending.sendWithin(frame);
  }

  notify(target: number, name: string, args: unknown[]): void {
    if (this.#error) return;
    this.#sending.send(targetFrame(Kind.call, 0, target, name, this.#values.encode(args, 'arguments')));
  }

  sendBytes(target: number, context: number, chunk: OutgoingChunk): void {
    this.#sending.sendBytes(chunk.held === true ? Kind.heldBytes : Kind.bytes, target, context, chunk);
  }

  drop(target: number, times: number): void {
    this.#sending.send(targetFrame(Kind.drop, times, target));
  }

  /** Whether the other side takes what is sent as fast as it comes. */
  get isSlow(): boolean {
    return this.#sending.isSlow;
  }

  whenDrained(action: () => void): void {
    this.#sending.whenDrained(action);
  }

  async settle(): Promise<void> {
    this.#isClosing = true;
    if (this.#error || this.#pending.size + this.#serving.size === 0) return;
    await new Promise<void>((resolve) => this.#settling.push(resolve));
  }

  end(error: OffloopError, farewell = false): void {
    if (this.#error) return;
    if (farewell) this.#sending.send(frameOf(Kind.bye, 0));
    this.#error = error;
    this.#heartbeat.stop();
    this.#sending.stop();
    this.#pending.rejectAll(error);
    this.#serving.abortAll(error);
    this.#values.clear();
    this.#tellSettled();
    this.#events.ended(error);
  }

  /** Takes a frame of the other side, who may have made it as it likes. */
  readonly receive = (bytes: Uint8Array): void => {
    if (this.#error) return;
    this.#heartbeat.hasSign = true;
    try {
      this.#obey(readFrame(bytes));
    } catch (error) {
      this.end(error instanceof OffloopError ? error : lostError(error));
    }
  };

  #obey(frame: Frame): void {
    const { kind, id } = frame;
    if (!this.#hello && kind !== Kind.hello) throw malformed();
    switch (kind) {
      case Kind.hello:
        return this.#greet(frame);
      case Kind.call:
      case Kind.read:
        return this.#serve(frame);
      case Kind.bytes:
      case Kind.heldBytes:
        return this.#take(frame);
      case Kind.result:
      case Kind.failure:
        return this.#answer(frame);
      case Kind.cancel:
        return this.#serving.has(id) ? this.#serving.abort(id, this.#values.decode(frame)) : undefined;
      case Kind.drop:
        if (frame.target !== root) this.#exports.drop(frame.target, id);
        return;
      case Kind.ping:
        return this.#sending.send(frameOf(Kind.pong, 0));
      case Kind.bye:
        return this.end(partedError());
      default:
    }
  }

  #greet(frame: Frame): void {
    if (this.#hello) {
      if (!this.#hasAsked) throw malformed();
      this.#hasAsked = false;
      return;
    }
    this.#hello = checkedHello(this.#values.decode(frame));
    this.#sending.mostMessage = this.#hello.maxMessage;
    // Before anything else that the other side would not take without it.
    if (this.#hello.again === true) this.#greetWith(false);
    this.#events.opened();
  }

  #serve(frame: Frame): void {
    const { kind, id, target, name } = frame;
    // An id that is in use is no id: its first call could not be given up.
    if (this.#serving.has(id)) throw malformed();
    const entry = this.#exports.get(target);
    if (id === 0 && kind === Kind.call && entry?.gate.direct) return this.#tell(entry.gate, this.#messageOf(frame));
    this.#serving.run(id, () => {
      if (!entry || (this.#isClosing && target === root)) throw goneError(name);
      return kind === Kind.call ? entry.gate.call(name, this.#argumentsOf(frame)) : entry.gate.read(name);
    });
  }

  #take(frame: Frame): void {
    const { kind, id: context, target } = frame;
    const message = { kind: 'data', context, bytes: bodyOf(frame), held: kind === Kind.heldBytes };
    this.#tell(this.#exports.get(target)?.gate, message);
  }

  /** Passes a message to what takes them: no call of the program, so it has no signal. */
  #tell(gate: Gate | undefined, message: unknown): void {
    try {
      gate?.direct?.(message);
    } catch {
      // Nobody waits for an answer.
    }
  }

  #argumentsOf(frame: Frame): unknown[] {
    const args = this.#values.decode(frame);
    if (!Array.isArray(args) || args.length > 2 ** 16) throw malformed();
    return args;
  }

  /** What a call without an answer has as its argument; `undefined` also if it cannot be read. */
  #messageOf(frame: Frame): unknown {
    try {
      return this.#argumentsOf(frame)[0];
    } catch {
      return undefined;
    }
  }

  #answer(frame: Frame): void {
    const waiting = this.#pending.take(frame.id);
    // An answer that nobody waits for, or that is forged, is not read.
    if (!waiting) return;
    let value: unknown;
    try {
      value = this.#values.decode(frame);
    } catch (error) {
      return waiting.reject(error);
    }
    if (frame.kind === Kind.result) waiting.resolve(value);
    else waiting.reject(value);
  }

  readonly #tellSettled = (): void => {
    if (this.#settling.length === 0 || (!this.#error && this.#pending.size + this.#serving.size > 0)) return;
    for (const resolve of this.#settling.splice(0)) resolve();
  };
}

function goneError(name: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot reach ${name} of a peer: it was released, or its link closes`);
}
