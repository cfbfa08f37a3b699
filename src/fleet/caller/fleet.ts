/** An executor whose calls run on other machines. @module */

import { randomUUID } from 'node:crypto';
import { codeOf } from '../code/code.ts';
import type { Code } from '../code/code.ts';
import type { Definition, ModuleRecord } from '../../address/registry.ts';
import { addressOf } from '../../address/address-of.ts';
import { after, Keeper } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { OffloopError } from '../../base/errors.ts';
import type { Call } from '../../call/call.ts';
import { makeExecutor } from '../../call/executor.ts';
import type { Executor } from '../../call/executor.ts';
import { Tally } from '../../pool/tally.ts';
import type { Histogram } from '../../pool/histogram.ts';
import { Lines } from '../line/lines.ts';
import type { Loss } from '../line/lines.ts';
import type { NatsMessage } from '../../nats/client-types.ts';
import { Connection, isNobody } from '../nats/connection.ts';
import type { Opened } from '../nats/connection.ts';
import { Names } from '../nats/names.ts';
import { clientOptions } from '../nats/server-options.ts';
import { encodeValue } from '../values/bodies.ts';
import { decodeFrame, encodeFrame, format, Op } from '../values/frame.ts';
import { brokerError, Dispatch } from './dispatch.ts';
import { complete } from './fleet-options.ts';
import type { CompleteOptions, FleetOptions, FleetStats } from './fleet-options.ts';
import { NearLanes } from './near-lanes.ts';
import { askNodes } from './nodes.ts';
import type { FleetNodeInfo } from './nodes.ts';
import type { Queued } from './queues.ts';
import { refusalOf } from './refusals.ts';
import { RemoteCall } from './remote-call.ts';
import type { CallFleet } from './remote-call.ts';
import { bodyOf } from './take.ts';

const codes = new WeakMap<ModuleRecord, Code>();
const keys = new WeakMap<Definition, Uint8Array>();

/**
 * Runs calls on nodes: see {@link fleet}.
 *
 * Invariant: a call is outstanding from `submit` until its node has answered it, is lost, or was not needed any more; the
 * connection stays as long as one is.
 */
export class Fleet implements Executor, CallFleet, AsyncDisposable {
  readonly name: string;
  readonly concurrency: number = Infinity;
  readonly lanes: NearLanes = new NearLanes();
  readonly #id: string = randomUUID().slice(0, 13);
  readonly #options: CompleteOptions;
  readonly #names: Names;
  readonly #connection: Connection;
  readonly #lines: Lines;
  readonly #dispatch: Dispatch;
  readonly #calls = new Map<number, RemoteCall>();
  readonly #tally = new Tally();
  readonly #keeper = new Keeper();
  readonly #onIdle: (() => void)[] = [];
  #nodes: FleetNodeInfo[] = [];
  #last = 0;
  #isListening = false;
  #closing: Promise<void> | undefined;
  #idle: Later | undefined;

  constructor(given: FleetOptions = {}) {
    const options = (this.#options = complete(given));
    this.name = options.name;
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

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** How many threads the nodes have that answered last, when {@link nodes} was called. */
  get size(): number {
    return this.#nodes.reduce((sum, { threads }) => sum + threads, 0);
  }

  stats(): FleetStats {
    const known = [...this.#calls.values()];
    const busy = known.filter(({ node }) => node !== undefined);
    const iterating = busy.filter(({ call }) => call.stream !== undefined).length;
    const counts = { ...this.#tally.counts, utilization: this.size === 0 ? 0 : Math.min(1, busy.length / this.size) };
    const parts = { threads: this.size, busy: busy.length, blocked: 0, iterating, ending: 0, perThread: [] };
    return { ...parts, queued: known.length - busy.length, nodes: this.#nodes.length, ...counts };
  }

  /** @internal */
  get histograms(): { readonly waited: Histogram; readonly ran: Histogram } {
    return this.#tally.histograms;
  }

  /**
   * The nodes that answer within a quarter of a second, whatever code they serve.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached.
   */
  async nodes(): Promise<FleetNodeInfo[]> {
    this.#keeper.hold();
    try {
      const { connection } = await this.#open();
      this.#nodes = await askNodes(connection, this.#names.service, this.#names.nodes(this.#id));
      return this.#nodes;
    } finally {
      this.#rest();
    }
  }

  /**
   * Resolves once a node is there, whatever code it serves.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached, `ERR_OFFLOOP_CLOSED` if the fleet is closed.
   * @throws `signal.reason` if `signal` is aborted first.
   */
  async ready({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#closing) throw closedError('wait for a node');
      // One question after the other.
      // oxlint-disable-next-line no-await-in-loop
      if ((await this.nodes()).length > 0) return;
    }
  }

  /** @internal */
  submit(call: Call): void {
    if (call.settled) return;
    call.observe(this.#tally);
    if (this.#closing && call.depth === 0) return call.fail(closedError(`call ${call.name}`));
    try {
      const refusal = refusalOf(call);
      if (refusal) throw refusal;
      const code = codeFor(call);
      const body = bodyOf(call);
      this.#take(call, code, body);
    } catch (error) {
      call.fail(error);
    }
  }

  /**
   * Refuses further calls with `ERR_OFFLOOP_CLOSED`, and resolves once all earlier ones are over and the connection is closed.
   * A second call resolves with the first.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  send(node: string, op: number, call: number, facts: readonly unknown[], body?: Uint8Array): void {
    this.#lines.send(node, encodeFrame(op, call, facts, body));
  }

  /** @internal */
  hold(node: string): void {
    this.#lines.hold(node);
  }

  /** @internal */
  release(node: string): void {
    this.#lines.release(node);
  }

  /** @internal */
  complete(): Promise<void> {
    return this.#lines.complete();
  }

  /** @internal */
  takeBack(queued: Queued): void {
    this.#dispatch.takeBack(queued);
  }

  /** @internal */
  async waitedFor({ call, plan }: RemoteCall, time: number): Promise<OffloopError> {
    const { module, queued } = plan;
    const text = `Cannot run ${call.name}: no node has taken it in ${time} ms`;
    const nodes = await this.nodes().catch(() => undefined);
    if (!nodes) return new OffloopError('ERR_OFFLOOP_NO_NODE', `${text}, and the server is away`);
    const others = nodes.flatMap(({ id, modules }) => modules.map((it) => ({ id, ...it })));
    if (others.some(({ hash }) => hash === queued.hash)) {
      return new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', `${text}, because all that serve ${module} are busy`);
    }
    const other = others.filter((it) => it.module === module);
    const words =
      other.length > 0
        ? `nodes serve other code of ${module}: ${other.map(({ id, hash }) => `${hash} (${id})`).join(', ')}, and here it is ${queued.hash}`
        : `no node serves ${module} (${queued.hash}). Start one with offloop serve`;
    return new OffloopError('ERR_OFFLOOP_NO_NODE', `${text}: ${words}`);
  }

  /** @internal */
  over(remote: RemoteCall): void {
    this.#calls.delete(remote.number);
    this.#dispatch.over(remote);
    this.#rest();
  }

  #take(call: Call, { module, hash }: Code, body: Uint8Array | undefined): void {
    this.#last += 1;
    const { timeout, idempotent = false, queueTimeout } = call.plan;
    const isPlain = body !== undefined && body.length < this.#connection.limit - headRoom;
    const facts = [
      format,
      this.#id,
      keyOf(call),
      isPlain,
      idempotent,
      timeout,
      call.stream?.offer.maxSize,
      call.stream?.closeTimeout ?? Infinity,
      this.#lines.losses,
    ];
    const bytes = encodeFrame(Op.call, this.#last, facts, isPlain ? body : undefined);
    const remote = new RemoteCall(this, call, {
      queued: { number: this.#last, hash, bytes, sequence: undefined, times: 1, sentAt: 0, triedAt: 0 },
      isPlain,
      queueTimeout: Math.min(queueTimeout, this.#options.queueTimeout),
      module,
    });
    this.#calls.set(remote.number, remote);
    this.#idle?.cancel();
    this.#keeper.hold();
    this.#dispatch.add(remote);
  }

  async #open(): Promise<Opened> {
    const known = this.#connection.opened;
    if (known) return known;
    const opened = await this.#connection.open();
    if (!this.#isListening) {
      this.#isListening = true;
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
      else if (frame.op === Op.started || frame.op === Op.may) this.send(node, Op.forget, call, []);
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

  /** Lets go of the process and, later, of the connection, once nothing is outstanding. */
  #rest(): void {
    if (this.#calls.size > 0) return;
    this.#keeper.letGo();
    for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#idle?.cancel();
    this.#idle = after(this.#options.idleTimeout, () => {
      if (this.#calls.size === 0) void this.#disconnect();
    });
  }

  async #close(): Promise<void> {
    if (this.#calls.size > 0) await new Promise<void>((resolve) => void this.#onIdle.push(resolve));
    this.#idle?.cancel();
    await this.#disconnect();
    this.lanes.close();
  }

  async #disconnect(): Promise<void> {
    this.#lines.close();
    this.#forgetConnection();
    await this.#connection.close();
  }

  #forgetConnection(): void {
    this.#dispatch.forget();
    this.#isListening = false;
  }

  static {
    makeExecutor(this);
  }
}

/** The part of a message that is left for what is not the body. */
const headRoom = 4096;

function codeFor({ definition }: Call): Code {
  const record = definition.record as ModuleRecord;
  const known = codes.get(record);
  if (known) return known;
  const code = codeOf(record.url);
  codes.set(record, code);
  return code;
}

/** What tells the function from all others of its module. */
function keyOf({ definition }: Call): Uint8Array {
  const known = keys.get(definition);
  if (known) return known;
  const { index, name, signature, hash, signatures, top, twins, at } = addressOf(definition);
  const key = encodeValue({ index, name, signature, hash, signatures, top, twins, at }, { root: 'the function' });
  keys.set(definition, key);
  return key;
}

function closedError(action: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot ${action}: the fleet is closed`);
}

/**
 * A fleet: the nodes that `offloop serve` has started. Give it as `pool` to any wrapped function.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 */
export function fleet(options: FleetOptions = {}): Fleet {
  return new Fleet(options);
}
