/** A connection to a peer that has Comlink alone. @module */

import type { MessagePort } from 'node:worker_threads';
import { setImmediate } from '../../../base/clock.ts';
import { OffloopError } from '../../../base/errors.ts';
import { AbortController, FinalizationRegistry, Promise } from '../../../base/intrinsics.ts';
import { isThenable } from '../../../base/thenable.ts';
import { withSignal } from '../../../wait/running-call.ts';
import { Listening } from '../carriers/events.ts';
import type { PortCarrier, PortLike } from '../carriers/port.ts';
import type { Connection, ConnectionEvents, Exposed } from '../live/connection.ts';
import type { Gate } from '../live/gate.ts';
import { Heartbeat } from '../live/heartbeat.ts';
import { silentError } from '../live/lost.ts';
import { objectPeer } from '../live/peer.ts';
import type { Remote } from '../live/remote.ts';
import { Outcome } from './box.ts';
import { Guard } from './guard.ts';
import type { Guarding } from './guard.ts';
import { ComlinkRemote } from './remote.ts';
import { ComlinkValues } from './values.ts';
import { portOf, thrownOf } from './wire.ts';
import type { WireValue } from './wire.ts';

/** A request that every peer with Comlink answers, and that reads nothing. */
export const probe: object = { id: 'offloop', type: 'GET', path: ['offloop.probe'] };

/** Lets go of what the other side exposes when nobody here uses it any more. */
const unused = new FinalizationRegistry<Guard>((guard) => guard.release());

/** Invariant: every port of it stands behind a guard, which is in `#guards` until the port is closed. */
export class ComlinkSession implements Connection {
  readonly root: Remote;
  readonly #port: PortCarrier;
  readonly #exposed: Exposed;
  readonly #events: ConnectionEvents;
  readonly #guards = new Set<Guard>();
  readonly #main: Guard;
  readonly #heartbeat: Heartbeat;
  readonly #guarding: Guarding;

  /** Of all calls of the other side: it cannot give up one alone. */
  readonly #over = new AbortController();
  readonly #signal = (): AbortSignal => this.#over.signal;
  #running = 0;
  #ports = 0;
  #settled: (() => void)[] = [];
  #isClosing = false;
  #isOver = false;

  constructor(port: PortCarrier, exposed: Exposed, events: ConnectionEvents) {
    this.#port = port;
    this.#exposed = exposed;
    this.#events = events;
    const values = new ComlinkValues(exposed, (own, gate) => this.#expose(own, gate), port.moves);
    this.#guarding = {
      encode: (value, name) => values.encode(value, name),
      encodeThrown: (thrown) => values.encodeThrown(thrown),
      decode: (value) => this.#decode(value),
      serve: (call) => this.#serve(call),
      settled: () => {
        // The answer is sent in a later microtask.
        if (this.#isClosing) setImmediate(() => this.#tellSettled());
      },
    };
    this.#main = new Guard(this.#guarding, (message, transfer) => port.post(message, transfer), {
      gate: this.#rootGate(exposed.gate),
    });
    this.#guards.add(this.#main);
    this.root = new ComlinkRemote(this.#main, { isRoot: true });
    this.#heartbeat = new Heartbeat(exposed.heartbeat, {
      ask: () => port.post(probe),
      silent: () => this.end(silentError(exposed.heartbeat)),
    });
  }

  receive(message: unknown): void {
    if (this.#isOver) return;
    this.#heartbeat.hasSign = true;
    this.#main.receive(message);
  }

  async settle(): Promise<void> {
    this.#isClosing = true;
    if (this.#isOver || this.#size === 0) return;
    await new Promise<void>((resolve) => this.#settled.push(resolve));
  }

  end(error: OffloopError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#heartbeat.stop();
    for (const guard of this.#guards) guard.end(error);
    this.#over.abort(error);
    this.#port.close();
    this.#tellSettled();
    this.#events.ended(error);
  }

  get #size(): number {
    let size = 0;
    for (const guard of this.#guards) size += guard.size;
    return size;
  }

  #tellSettled(): void {
    if (this.#settled.length === 0 || (!this.#isOver && this.#size > 0)) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }

  #rootGate(gate: Gate): Gate {
    const assertOpen = (): void => {
      if (this.#isClosing) throw new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot reach a peer: its link closes');
    };
    return {
      call(name, args) {
        assertOpen();
        return gate.call(name, args);
      },
      read(name) {
        assertOpen();
        return gate.read(name);
      },
    };
  }

  #serve(call: () => unknown): unknown {
    const { maxCalls } = this.#exposed;
    if (this.#running >= maxCalls)
      throw new OffloopError(
        'ERR_OFFLOOP_QUEUE_FULL',
        `Cannot call a peer: ${maxCalls} calls are in flight, its maxCalls`,
      );
    const value = withSignal(this.#signal, call);
    return isThenable(value) ? this.#await(value) : value;
  }

  async #await(value: PromiseLike<unknown>): Promise<unknown> {
    this.#running += 1;
    try {
      return await value;
    } finally {
      this.#running -= 1;
    }
  }

  #decode(value: WireValue): unknown {
    if (value.type === 'RAW') return value.value;
    const port = portOf(value);
    if (port) return this.#use(port);
    const thrown = thrownOf(value);
    if (thrown) return new Outcome(thrown.thrown, true);
    throw new OffloopError('ERR_OFFLOOP_BYTES', 'Cannot read a value of a peer: it has a handler of its own');
  }

  /** Lets the other side use what stands behind `gate`. */
  #expose(port: MessagePort, gate: Gate): void {
    const { maxObjects } = this.#exposed;
    if (this.#ports >= maxObjects)
      throw new OffloopError(
        'ERR_OFFLOOP_OVERFLOW',
        `Cannot send an object or a function over a link: the other side has ${maxObjects}`,
      );
    this.#ports += 1;
    this.#guard(port as unknown as PortLike, gate, () => {
      this.#ports -= 1;
      gate.released?.();
    });
  }

  /** Gives the proxy of what the other side exposes at `port`. */
  #use(port: PortLike): object {
    const guard = this.#guard(port);
    const remote = new ComlinkRemote(guard, { isRoot: false });
    unused.register(remote, guard);
    return objectPeer(remote, { callable: true });
  }

  #guard(port: PortLike, gate?: Gate, released?: () => void): Guard {
    const listening = new Listening(port);
    const over = (): void => {
      listening.stop();
      this.#guards.delete(guard);
      port.close?.();
      released?.();
    };
    const post = (message: unknown, transfer: readonly unknown[]): void =>
      port.postMessage(message, transfer as never[]);
    const guard = new Guard(this.#guarding, post, gate ? { gate, released: over } : { released: over });
    this.#guards.add(guard);
    const isEmitter = port.on !== undefined;
    listening
      .on(
        'message',
        isEmitter ? (data: unknown) => guard.receive(data) : ({ data }: { data: unknown }) => guard.receive(data),
      )
      .on('close', () =>
        guard.end(new OffloopError('ERR_OFFLOOP_DISCONNECTED', 'The other side of a port of a link is gone')),
      );
    port.start?.();
    (port as { unref?(): void }).unref?.();
    return guard;
  }
}
