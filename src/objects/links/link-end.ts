/** One end of a link: connects it, and connects it again. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { Latch } from '../../base/latch.ts';
import type { Carrier } from './carriers/carrier.ts';
import { PortCarrier } from './carriers/port.ts';
import { connectPort } from './comlink/connect-port.ts';
import { Session } from './frames/session.ts';
import { Line } from './line.ts';
import type { LinkSettings } from './link-options.ts';
import type { Connection, ConnectionEvents, Exposed } from './live/connection.ts';
import { objectGate } from './live/gate.ts';
import { closedLink, lostError } from './live/lost.ts';
import { objectPeer } from './live/peer.ts';
import type { LinkCallOptions, OutgoingChunk, Remote } from './live/remote.ts';

/**
 * `'connecting'` until the other side has appeared, then `'connected'`; `'reconnecting'` while a link that was lost is made
 * again; `'closing'` while `close()` waits for calls in flight; `'closed'` at the end.
 */
export type LinkStatus = 'connecting' | 'connected' | 'reconnecting' | 'closing' | 'closed';

/** The carrier of the one connection, or what makes one for each. */
export type Carriers = Carrier | (() => Promise<Carrier>);

const noOptions: LinkCallOptions = {};

/**
 * Invariant: a call goes to the connection of now or waits in the line; there is a connection, a timer for the next one, or
 * the link is over.
 */
export class LinkEnd implements Remote {
  readonly peer: object;
  readonly #make: () => Promise<Carrier>;
  readonly #settings: LinkSettings;
  readonly #exposed: Exposed;
  readonly #line: Line;
  readonly #closed = new Latch();
  #status: LinkStatus = 'connecting';
  #connection: Connection | undefined;
  #attempts = 0;

  /** The calls that wait for a connection, or have just got one. */
  #inLine = 0;
  #timer: Later | undefined;
  #error: OffloopError | undefined;
  #closing: Promise<void> | undefined;

  constructor(carriers: Carriers, gateway: object, settings: LinkSettings) {
    this.#make = typeof carriers === 'function' ? carriers : () => Promise.resolve(carriers);
    this.#settings = settings;
    this.#exposed = { ...settings, gateway, gate: objectGate(gateway, settings.members) };
    this.#line = new Line(settings.maxCalls);
    this.peer = objectPeer(this);
    // An endpoint that is there is listened to at once: what it brings would be lost.
    if (typeof carriers === 'function') void this.#connect();
    else {
      this.#limit();
      this.#start(carriers);
    }
  }

  get status(): LinkStatus {
    return this.#status;
  }

  get closed(): Promise<void> {
    return this.#closed.opened;
  }

  call(name: string, args: unknown[], options: LinkCallOptions = noOptions): Promise<unknown> {
    if (this.#isFree) return (this.#connection as Connection).root.call(name, args, options);
    return this.#whenConnected(name, options, (root, left) => root.call(name, args, left));
  }

  read(name: string, options: LinkCallOptions = noOptions): Promise<unknown> {
    if (this.#isFree) return (this.#connection as Connection).root.read(name, options);
    return this.#whenConnected(name, options, (root, left) => root.read(name, left));
  }

  notify(name: string, args: unknown[]): void {
    this.call(name, args).catch(() => undefined);
  }

  sendBytes(context: number, { bytes }: OutgoingChunk): void {
    this.notify('', [{ kind: 'data', context, bytes }]);
  }

  /** What a link exposes lives as long as the link. */
  async release(): Promise<void> {
    await this.#closing;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    if (this.#status === 'closed') return;
    const connection = this.#status === 'connected' ? this.#connection : undefined;
    this.#status = 'closing';
    this.#line.fail(closedLink());
    if (connection) {
      const limit = new Latch();
      const timer = after(this.#settings.closeTimeout, () => limit.open());
      timer.hold();
      await Promise.race([connection.settle(), limit.opened]);
      timer.cancel();
    }
    this.#finish(closedLink());
  }

  async #whenConnected(
    name: string,
    options: LinkCallOptions,
    go: (root: Remote, left: LinkCallOptions) => Promise<unknown>,
  ): Promise<unknown> {
    let left = options;
    this.#inLine += 1;
    try {
      // A connection may be lost in the moment in which the line goes on.
      do {
        if (this.#isOver) throw this.#error ?? closedLink();
        left = this.#status === 'connected' ? await Promise.resolve(left) : await this.#line.wait(name, left);
      } while (this.#status !== 'connected');
    } finally {
      this.#inLine -= 1;
    }
    return go((this.#connection as Connection).root, left);
  }

  async #connect(): Promise<void> {
    const timer = this.#limit();
    let carrier: Carrier;
    try {
      carrier = await this.#make();
    } catch (error) {
      // It was given up, and perhaps another one is being made.
      if (this.#timer !== timer) return;
      timer.cancel();
      // An endpoint that is none will not be one the next time.
      if ((error as { code?: unknown } | null)?.code === 'ERR_OFFLOOP_ARGUMENT')
        return this.#finish(error as OffloopError);
      return this.#failed(error instanceof OffloopError ? error : lostError(error));
    }
    if (this.#isOver || this.#timer !== timer) return carrier.close();
    this.#start(carrier);
  }

  /** From now on the other side has `connectTimeout` to appear, its endpoint included. */
  #limit(): Later {
    const { connectTimeout } = this.#settings;
    this.#timer = after(connectTimeout, () => {
      const text = `The other side of the link did not appear within connectTimeout: ${connectTimeout} ms`;
      const error = new OffloopError('ERR_OFFLOOP_DISCONNECTED', text);
      if (this.#connection) this.#connection.end(error);
      else this.#failed(error);
    });
    return this.#timer;
  }

  #start(carrier: Carrier): void {
    const events: ConnectionEvents = {
      opened: () => this.#opened(),
      ended: (error) => this.#ended(error),
      peer: () => this.peer,
    };
    if (carrier instanceof PortCarrier) {
      this.#connection = connectPort(carrier, this.#exposed, events);
      return;
    }
    const session = new Session(carrier, this.#exposed, events);
    this.#connection = session;
    session.start();
  }

  #opened(): void {
    this.#timer?.cancel();
    if (this.#isOver) return;
    this.#status = 'connected';
    this.#attempts = 0;
    this.#line.open();
  }

  #ended(error: OffloopError): void {
    this.#timer?.cancel();
    this.#connection = undefined;
    if (this.#status !== 'closing') this.#failed(error);
  }

  /** Whether a call may be sent at once, and goes ahead of none before it. */
  get #isFree(): boolean {
    return this.#status === 'connected' && this.#inLine === 0;
  }

  get #isOver(): boolean {
    return this.#status === 'closing' || this.#status === 'closed';
  }

  /** Tries again, if the policy says so. */
  #failed(error: OffloopError): void {
    if (this.#isOver) return;
    const { reconnect } = this.#settings;
    if (!reconnect || this.#attempts >= reconnect.attempts) return this.#finish(error);
    const delay = Math.min(reconnect.delay * 2 ** this.#attempts, reconnect.maxDelay);
    this.#attempts += 1;
    this.#status = 'reconnecting';
    this.#timer = after(delay, () => void this.#connect());
    this.#timer.hold();
  }

  #finish(error: OffloopError): void {
    this.#error = error;
    this.#status = 'closed';
    this.#timer?.cancel();
    this.#connection?.end(error, true);
    this.#line.fail(error);
    this.#closed.open();
  }
}
