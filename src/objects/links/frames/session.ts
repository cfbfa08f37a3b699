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
import { bytesFrame, frameOf, headOfBytes, Kind, malformed, readFrame, targetFrame } from './frame.ts';
import type { Frame, KindCode } from './frame.ts';
import { checkedHello, version } from './hello.ts';
import type { Hello } from './hello.ts';
import { Pending } from './pending.ts';
import { RemoteTarget } from './remote-target.ts';
import type { Requests } from './requests.ts';
import { invoke, Serving } from './serving.ts';
import type { Answer } from './serving.ts';
import { Values } from './values.ts';

const noOptions: LinkCallOptions = {};

/** From how many bytes on that have not left streams wait: more of them would only take memory. */
const slow = 1024 * 1024;

/** The bytes of a frame that are not its body. */
const room = 16;

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
  readonly #pending: Pending;
  readonly #serving: Serving;
  readonly #heartbeat: Heartbeat;
  readonly #ends = new Set<(error: OffloopError) => void>();
  readonly #drains = new Set<() => void>();
  #settling: (() => void)[] = [];
  #hello: Hello | undefined;

  #isClosing = false;
  #error: OffloopError | undefined;

  constructor(carrier: Carrier, exposed: Exposed, events: ConnectionEvents) {
    this.#carrier = carrier;
    this.#exposed = exposed;
    this.#events = events;
    const settled = (): void => this.#tellSettled();
    this.#pending = new Pending((id, reason) => this.#cancel(id, reason), settled);
    this.#serving = new Serving(exposed.maxCalls, settled);
    this.#exports = new Exports(exposed.gateway, exposed.gate, exposed.maxObjects);
    this.#values = new Values(this, this.#exports, exposed.nested, () => events.peer());
    this.root = new RemoteTarget(this, root);
    this.#heartbeat = new Heartbeat(exposed.heartbeat, {
      ask: () => this.#send(frameOf(Kind.ping, 0)),
      silent: () => this.end(silentError(exposed.heartbeat)),
    });
  }

  /** Begins to listen, and says hello. */
  start(): void {
    const { maxMessage, maxCalls } = this.#exposed;
    this.#send(frameOf(Kind.hello, 0, this.#values.encode({ version, maxMessage, maxCalls } satisfies Hello, 'hello')));
    this.#carrier.listen({
      receive: (bytes) => this.receive(bytes),
      drained: () => this.#tellDrained(),
      lost: (cause) => this.end(cause instanceof OffloopError ? cause : lostError(cause)),
    });
  }

  /** Asks for a call, or for a value without `args`. */
  request(
    target: number,
    name: string,
    args: unknown[] | undefined,
    options: LinkCallOptions = noOptions,
  ): Promise<unknown> {
    if (this.#error) return Promise.reject(this.#error);
    return this.#pending.add(name, options, (id) => {
      const most = this.#hello?.maxCalls ?? Infinity;
      if (this.#pending.size > most)
        throw new OffloopError('ERR_OFFLOOP_QUEUE_FULL', `Cannot call ${name} of a peer: ${most} calls are in flight`);
      const body = args && this.#values.encode(args, 'arguments');
      this.#sendWithin(targetFrame(args ? Kind.call : Kind.read, id, target, name, body));
    });
  }

  /** Calls without an answer. */
  notify(target: number, name: string, args: unknown[]): void {
    if (!this.#error) this.#send(targetFrame(Kind.call, 0, target, name, this.#values.encode(args, 'arguments')));
  }

  sendBytes(target: number, context: number, { bytes, headroom, held, sent }: OutgoingChunk): void {
    const kind = held === true ? Kind.heldBytes : Kind.bytes;
    const most = (this.#hello?.maxMessage ?? Infinity) - headOfBytes;
    if (headroom >= headOfBytes && bytes.length <= most)
      return this.#send(bytesFrame(kind, bytes, target, context), sent);
    for (let at = 0; at < bytes.length; at += most)
      this.#send(targetFrame(kind, context, target, '', bytes.subarray(at, at + most)));
    sent?.();
  }

  /** Tells that the object `target`, which had arrived so often, is not used any more. */
  drop(target: number, times: number): void {
    this.#send(targetFrame(Kind.drop, times, target));
  }

  /** Calls `action` at the end; gives a function that calls it off. */
  onEnd(action: (error: OffloopError) => void): () => void {
    if (this.#error) action(this.#error);
    else this.#ends.add(action);
    return () => void this.#ends.delete(action);
  }

  /** Whether the other side takes what is sent as fast as it comes. */
  get isSlow(): boolean {
    return this.#carrier.buffered > Math.min(slow, this.#exposed.maxBuffered / 4);
  }

  /** Calls `action` when it is no longer slow. */
  whenDrained(action: () => void): void {
    this.#drains.add(action);
  }

  async settle(): Promise<void> {
    this.#isClosing = true;
    if (this.#error || this.#pending.size + this.#serving.size === 0) return;
    await new Promise<void>((resolve) => this.#settling.push(resolve));
  }

  end(error: OffloopError, farewell = false): void {
    if (this.#error) return;
    if (farewell) this.#send(frameOf(Kind.bye, 0));
    this.#error = error;
    this.#heartbeat.stop();
    this.#carrier.close();
    this.#pending.rejectAll(error);
    this.#serving.abortAll(error);
    this.#values.clear();
    for (const action of this.#ends) action(error);
    this.#ends.clear();
    this.#drains.clear();
    this.#tellSettled();
    this.#events.ended(error);
  }

  /** Takes a frame of the other side, who may have made it as it likes. */
  receive(bytes: Uint8Array): void {
    if (this.#error) return;
    this.#heartbeat.sign();
    try {
      this.#obey(readFrame(bytes));
    } catch (error) {
      this.end(error instanceof OffloopError ? error : lostError(error));
    }
  }

  #obey(frame: Frame): void {
    const { kind, id, body } = frame;
    if (!this.#hello && kind !== Kind.hello) throw malformed();
    switch (kind) {
      case Kind.hello:
        return this.#greet(body);
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
        return this.#serving.has(id) ? this.#serving.abort(id, this.#values.decode(body)) : undefined;
      case Kind.drop:
        if (frame.target !== root) this.#exports.drop(frame.target, id);
        return;
      case Kind.ping:
        return this.#send(frameOf(Kind.pong, 0));
      case Kind.bye:
        return this.end(partedError());
      default:
    }
  }

  #greet(body: Uint8Array): void {
    if (this.#hello) throw malformed();
    this.#hello = checkedHello(this.#values.decode(body));
    this.#events.opened();
  }

  #serve({ kind, id, target, name, body }: Frame): void {
    // An id that is in use is no id: its first call could not be given up.
    if (this.#serving.has(id)) throw malformed();
    const entry = this.#exports.get(target);
    if (id === 0 && kind === Kind.call && entry?.gate.direct) return this.#tell(entry.gate, this.#messageOf(body));
    const call = (): unknown => {
      if (!entry || (this.#isClosing && target === root))
        throw new OffloopError(
          'ERR_OFFLOOP_CLOSED',
          `Cannot reach ${name} of a peer: it was released, or its link closes`,
        );
      return invoke(entry.gate, name, kind === Kind.call ? this.#argumentsOf(body) : undefined);
    };
    this.#serving.run(id, call, id === 0 ? silence : this.#answerOf(id));
  }

  #take({ kind, id: context, target, body: bytes }: Frame): void {
    this.#tell(this.#exports.get(target)?.gate, { kind: 'data', context, bytes, held: kind === Kind.heldBytes });
  }

  /** Passes a message to what takes them: no call of the program, so it has no signal. */
  #tell(gate: Gate | undefined, message: unknown): void {
    try {
      gate?.direct?.(message);
    } catch {
      // Nobody waits for an answer.
    }
  }

  #argumentsOf(body: Uint8Array): unknown[] {
    const args = this.#values.decode(body);
    if (!Array.isArray(args) || args.length > 2 ** 16) throw malformed();
    return args;
  }

  /** What a call without an answer has as its argument; `undefined` also if it cannot be read. */
  #messageOf(body: Uint8Array): unknown {
    try {
      return this.#argumentsOf(body)[0];
    } catch {
      return undefined;
    }
  }

  #answerOf(id: number): Answer {
    const failure = (thrown: unknown): void => this.#reply(Kind.failure, id, this.#thrownBody(thrown));
    return {
      result: (value) => {
        let body: Uint8Array;
        try {
          body = this.#values.encode(value, 'result');
          this.#assertFits(body.length + room);
        } catch (error) {
          return failure(error);
        }
        this.#reply(Kind.result, id, body);
      },
      failure,
    };
  }

  #reply(kind: KindCode, id: number, body: Uint8Array): void {
    this.#send(frameOf(kind, id, body));
  }

  #answer({ kind, id, body }: Frame): void {
    // An answer that nobody waits for, or that is forged, is not read.
    this.#pending.settle(id, (waiting) => {
      let value: unknown;
      try {
        value = this.#values.decode(body);
      } catch (error) {
        return waiting.reject(error);
      }
      if (kind === Kind.result) waiting.resolve(value);
      else waiting.reject(value);
    });
  }

  #cancel(id: number, reason: unknown): void {
    this.#send(frameOf(Kind.cancel, id, this.#thrownBody(reason)));
  }

  /** The bytes of a thrown value, or of the error that it is too long. */
  #thrownBody(thrown: unknown): Uint8Array {
    const body = this.#values.encodeThrown(thrown);
    try {
      this.#assertFits(body.length + room);
      return body;
    } catch (error) {
      return this.#values.encodeThrown(Object.assign(error as Error, { stack: '' }));
    }
  }

  #assertFits(length: number): void {
    const most = this.#hello?.maxMessage ?? Infinity;
    if (length > most)
      throw new OffloopError(
        'ERR_OFFLOOP_TOO_LONG',
        `Cannot send ${length} bytes to a peer: its maxMessage is ${most}`,
      );
  }

  /** Sends a frame of a call, which fails alone if there is no room. */
  #sendWithin(frame: Uint8Array): void {
    this.#assertFits(frame.length);
    if (this.#carrier.buffered + frame.length > this.#exposed.maxBuffered) throw this.#overflow();
    this.#send(frame);
  }

  /** Sends a frame that the other side waits for: the link is over if that does not take it. */
  #send(frame: Uint8Array, sent?: () => void): void {
    if (this.#error) return;
    if (this.#carrier.buffered + frame.length > this.#exposed.maxBuffered + this.#exposed.maxMessage)
      return this.end(this.#overflow());
    this.#carrier.send(frame, sent);
  }

  #overflow(): OffloopError {
    const { maxBuffered } = this.#exposed;
    const text = `Cannot send to a peer: it is too slow, and ${this.#carrier.buffered} bytes wait, of maxBuffered ${maxBuffered}`;
    return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }

  #tellDrained(): void {
    if (this.isSlow) return;
    const actions = [...this.#drains];
    this.#drains.clear();
    for (const action of actions) action();
  }

  #tellSettled(): void {
    if (this.#settling.length === 0 || (!this.#error && this.#pending.size + this.#serving.size > 0)) return;
    for (const resolve of this.#settling.splice(0)) resolve();
  }
}

const silence: Answer = { result: () => undefined, failure: () => undefined };
