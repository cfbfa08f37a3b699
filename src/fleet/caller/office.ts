/** The end of a fleet at its caller: the connection, the lines to nodes, and the calls that are outstanding. @module */

import { randomUUID } from 'node:crypto';
import { after, Keeper } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { OffloopError } from '../../base/errors.ts';
import type { Call } from '../../call/call.ts';
import { Lines } from '../line/lines.ts';
import type { Loss } from '../line/lines.ts';
import type { NatsConnection, NatsMessage } from '../../nats/client-types.ts';
import { Connection, isNobody } from '../nats/connection.ts';
import type { Opened } from '../nats/connection.ts';
import { Names } from '../nats/names.ts';
import { clientOptions } from '../nats/server-options.ts';
import { decodeFrame, encodeFrame, Op } from '../values/frame.ts';
import { brokerError, Dispatch } from './dispatch.ts';
import type { CompleteOptions } from './fleet-options.ts';
import { lateError } from './late.ts';
import { NearLanes } from './near-lanes.ts';
import { askNodes } from './nodes.ts';
import type { FleetNodeInfo } from './nodes.ts';
import { codeFor, orderOf } from './order.ts';
import type { Queued } from './queues.ts';
import { RemoteCall } from './remote-call.ts';
import type { CallFleet } from './remote-call.ts';
import { bodyOf } from './take.ts';

/** What a node says first of a call. */
const beginnings: ReadonlySet<number> = new Set([Op.started, Op.may, Op.items]);

/**
 * Where the calls of a fleet are.
 *
 * Invariant: a call is outstanding from `take` until its node has answered it, is lost, or was not needed any more; the
 * connection stays as long as one is.
 */
export class Office implements CallFleet {
  readonly lanes: NearLanes = new NearLanes();

  /** The nodes that answered last. */
  nodes: FleetNodeInfo[] = [];
  readonly #id: string = randomUUID().slice(0, 13);
  readonly #options: CompleteOptions;
  readonly #names: Names;
  readonly #connection: Connection;
  readonly #lines: Lines;
  readonly #dispatch: Dispatch;
  readonly #calls = new Map<number, RemoteCall>();
  readonly #keeper = new Keeper();
  readonly #onIdle: (() => void)[] = [];
  #last = 0;

  /** The connection on which this caller hears. */
  #heard: NatsConnection | undefined;
  #asking: Promise<FleetNodeInfo[]> | undefined;
  #isClosing = false;
  #idle: Later | undefined;

  constructor(options: CompleteOptions) {
    this.#options = options;
    const names = (this.#names = new Names(options.prefix ?? 'offloop'));
    this.#connection = new Connection(clientOptions(options), options.connectTimeout, {
      back: () => this.#back(),
      ended: (error) => this.#ended(error),
    });
    this.#lines = new Lines({
      limit: () => this.#connection.limit,
      upSince: () => this.#connection.upSince,
      patience: options.nodeTimeout,
      post: (peer, message) =>
        this.#connection.publish(names.from(this.#id, peer), message, names.nobody(peer, this.#id)),
      receive: (peer, frame) => this.#receive(peer, frame),
      lost: (peer, how) => this.#lost(peer, how),
      // A node that was taken for lost goes on, and may have begun any call since.
      refused: (node) => this.#doubt(node),
    });
    this.#dispatch = new Dispatch({
      connection: this.#connection,
      names,
      id: this.#id,
      stream: options.stream,
      calls: this.#calls,
      open: async () => this.#open(),
    });
  }

  /** The calls that are outstanding. */
  get calls(): readonly RemoteCall[] {
    return [...this.#calls.values()];
  }

  get isAway(): boolean {
    return this.#connection.upSince === undefined;
  }

  get patience(): number {
    return this.#options.nodeTimeout;
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached. */
  ask(): Promise<FleetNodeInfo[]> {
    // All who ask at the same time have the same answer.
    return (this.#asking ??= this.#ask());
  }

  /** Asks the nodes if their server is there, for who reads {@link nodes} later. */
  survey(): void {
    if (!this.isAway && !this.#isClosing) this.ask().catch(() => undefined);
  }

  async #ask(): Promise<FleetNodeInfo[]> {
    this.#keeper.hold();
    try {
      const { connection } = await this.#open();
      this.nodes = await askNodes(connection, this.#names.service, this.#names.nodes(this.#id), this.nodes);
      return this.nodes;
    } finally {
      this.#asking = undefined;
      this.#rest();
    }
  }

  /** @throws What is wrong with the module of `call`, or with its arguments. */
  take(call: Call): void {
    const { module, hash } = codeFor(call);
    const body = bodyOf(call);
    this.#last += 1;
    const number = this.#last;
    const { losses } = this.#lines;
    const { bytes, isPlain } = orderOf(call, body, { caller: this.#id, number, losses, limit: this.#connection.limit });
    const remote = new RemoteCall(this, call, {
      queued: { number, hash, bytes, sequence: undefined, times: 1, sentAt: 0, triedAt: 0 },
      isPlain,
      queueTimeout: Math.min(call.plan.queueTimeout, this.#options.queueTimeout),
      module,
    });
    this.#calls.set(number, remote);
    this.#idle?.cancel();
    this.#keeper.hold();
    this.#dispatch.add(remote);
  }

  /** Resolves once nothing is outstanding, and the connection is closed. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#isBusy) await new Promise<void>((resolve) => void this.#onIdle.push(resolve));
    this.#idle?.cancel();
    await this.#disconnect();
    this.lanes.close();
  }

  send(node: string, op: number, call: number, facts: readonly unknown[], body?: Uint8Array): void {
    this.#lines.send(node, encodeFrame(op, call, facts, body));
  }

  hold(node: string): void {
    this.#lines.hold(node);
  }

  release(node: string): void {
    this.#lines.release(node);
  }

  complete(): Promise<void> {
    return this.#lines.complete();
  }

  takeBack(queued: Queued): void {
    this.#dispatch.takeBack(queued);
  }

  withdraw(queued: Queued): Promise<boolean> {
    return this.#dispatch.withdraw(queued);
  }

  async waitedFor({ call, plan }: RemoteCall, time: number): Promise<OffloopError> {
    const nodes = await this.ask().catch(() => undefined);
    return lateError({ name: call.name, module: plan.module, hash: plan.queued.hash, time }, nodes);
  }

  over(remote: RemoteCall): void {
    this.#calls.delete(remote.number);
    this.#dispatch.over(remote);
    this.#rest();
  }

  async #open(): Promise<Opened> {
    const known = this.#connection.opened;
    if (known) return known;
    const opened = await this.#connection.open();
    if (this.#heard !== opened.connection) {
      this.#heard = opened.connection;
      opened.connection.subscribe(this.#names.inbox(this.#id), {
        callback: (error, message) => {
          if (!error) this.#hear(message);
        },
      });
    }
    return opened;
  }

  #hear(message: NatsMessage): void {
    const [about, which] = this.#names.read(message.subject);
    // A node asks whether this caller is there.
    if (about === 'from' && message.data.length === 0) this.#connection.publish(message.reply ?? '', message.data);
    else if (about === 'from') this.#lines.hear(which, message.data);
    else if (about === 'nobody' && isNobody(message)) this.#lines.nobody(which);
    else if (about === 'stored') this.#dispatch.stored(Number(which), message);
  }

  #receive(node: string, bytes: Uint8Array): void {
    let call: number | undefined;
    try {
      const frame = decodeFrame(bytes);
      call = frame.call;
      const remote = this.#calls.get(call);
      if (remote) remote.hear(node, frame);
      // A call that nobody waits for any more.
      else if (beginnings.has(frame.op)) this.send(node, Op.forget, call, []);
    } catch (error) {
      if (call !== undefined) this.#calls.get(call)?.fail(brokerError(error));
    }
  }

  #doubt(node: string): void {
    for (const remote of this.#calls.values()) if (remote.node === undefined) remote.doubts.add(node);
  }

  #lost(node: string, how: Loss): void {
    // One that has left has ended all that it had begun.
    if (how !== 'left') this.#doubt(node);
    for (const remote of this.#calls.values()) if (remote.node === node) remote.lost();
  }

  #back(): void {
    this.#lines.back();
    this.#dispatch.back();
  }

  #ended(error: OffloopError): void {
    this.#forgetConnection();
    for (const remote of this.#calls.values()) remote.fail(error);
  }

  /**
   * Whether a call is outstanding, or nodes are asked, whose answers would be lost with the connection. A server is not looked
   * for any longer just to ask, once the fleet is being closed.
   */
  get #isBusy(): boolean {
    const isAsking = this.#asking !== undefined && !(this.#isClosing && this.#connection.opened === undefined);
    return this.#calls.size > 0 || isAsking;
  }

  /** Lets go of the process and, later, of the connection, once nothing is outstanding. */
  #rest(): void {
    if (this.#isBusy) return;
    this.#keeper.letGo();
    for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#idle?.cancel();
    this.#idle = after(this.#options.idleTimeout, () => {
      if (!this.#isBusy) void this.#disconnect();
    });
  }

  async #disconnect(): Promise<void> {
    this.#lines.close();
    this.#forgetConnection();
    await this.#connection.close();
  }

  #forgetConnection(): void {
    this.#dispatch.forget();
    this.#heard = undefined;
  }
}
