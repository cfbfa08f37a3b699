/** A node of a fleet: takes calls from the queues of its code, runs them in its threads, and answers the callers. @module */

import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { version } from '../../base/copies.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { ThreadPool } from '../../pool/thread-pool.ts';
import { Lines } from '../line/lines.ts';
import type { NatsMessage } from '../../nats/client-types.ts';
import { Connection, isNobody } from '../nats/connection.ts';
import { Names } from '../nats/names.ts';
import { clientOptions } from '../nats/server-options.ts';
import type { ServerOptions } from '../nats/server-options.ts';
import { decodeFrame, encodeFrame } from '../values/frame.ts';
import { Word } from './delivery.ts';
import { Desk } from './desk.ts';
import { stoppedError } from './node-call.ts';
import type { NodeCall } from './node-call.ts';
import { Pulls } from './pulls.ts';
import type { Served } from './served.ts';
import { tellOf } from './services.ts';

/** Options of a node. */
export interface NodeOptions extends ServerOptions {
  /** How many calls it runs at once, each in a thread of its own. */
  readonly threads: number;

  /** After how many milliseconds without a sign of life a call is delivered to another node. */
  readonly ackWait: number;

  /** How long to look for a server at the beginning, in milliseconds. */
  readonly connectTimeout: number;
}

/** What happens at a node, for its log. */
export type NodeEvent =
  | { readonly event: 'ready'; readonly id: string; readonly threads: number; readonly modules: readonly string[] }
  | { readonly event: 'lost' | 'back' }
  | { readonly event: 'draining'; readonly why: string; readonly running: number }
  | { readonly event: 'stopped'; readonly calls: number; readonly failed: number }
  | { readonly event: 'refused'; readonly caller: string; readonly why: string }
  | { readonly event: 'trouble'; readonly why: string };

/** A caller that was heard so lately is there; others are asked, and have so long to answer. In milliseconds. */
const recently = 2000;
const answerTime = 1000;

/**
 * A node.
 *
 * Invariant: it holds a call from its delivery until the caller has the answer; meanwhile it tells the queue that it works.
 */
export class FleetNode {
  readonly id: string = randomUUID().slice(0, 13);
  readonly #options: NodeOptions;
  readonly #served: ReadonlyMap<string, Served>;
  readonly #log: (event: NodeEvent) => void;
  readonly #names: Names;
  readonly #connection: Connection;
  readonly #lines: Lines;
  readonly #pool: ThreadPool;
  readonly #desk: Desk;
  readonly #pulls = new Map<string, Pulls>();
  #untell: (() => void) | undefined;
  #beat: Later | undefined;
  #isDraining = false;
  #fail: ((error: unknown) => void) | undefined;

  /** Rejects if the node cannot go on; its calls are lost then. */
  readonly failed: Promise<never>;

  constructor(served: readonly Served[], options: NodeOptions, log: (event: NodeEvent) => void) {
    this.#served = new Map(served.map((it) => [it.code.hash, it]));
    this.#options = options;
    this.#log = log;
    this.#names = new Names(options.prefix ?? 'offloop');
    this.failed = new Promise<never>((_, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined);
    this.#connection = new Connection(clientOptions(options), options.connectTimeout, {
      lost: () => log({ event: 'lost' }),
      back: () => this.#back(),
      ended: (error) => this.#fail?.(error),
    });
    this.#pool = new ThreadPool({ size: options.threads, minThreads: options.threads, name: `node ${this.id}` });
    const names = this.#names;
    this.#lines = new Lines({
      limit: () => this.#connection.limit,
      upSince: () => this.#connection.upSince,
      // A caller that is slow to answer loses nothing.
      patience: 4 * options.ackWait,
      post: (peer, message) =>
        this.#connection.publish(names.from(this.id, peer), message, names.nobody(peer, this.id)),
      receive: (peer, frame) => this.#receive(peer, frame),
      owed: (peer) => this.#desk.tell(peer),
      lost: (peer, how) => this.#desk.lost(peer, how === 'forgotten'),
    });
    this.#desk = new Desk({
      pool: this.#pool,
      threads: options.threads,
      send: (caller, op, call, facts, body, taken) =>
        this.#lines.send(caller, encodeFrame(op, call, facts, body), taken),
      hold: (caller) => this.#lines.hold(caller),
      release: (caller) => this.#lines.release(caller),
      say: (reply, word) => this.#connection.publish(reply, word),
      isKnown: (caller) => this.#lines.isKnown(caller),
      lossesOf: (caller) => this.#lines.lossesOf(caller),
      isThere: (caller) => this.#isThere(caller),
      refused: (caller, error) => log({ event: 'refused', caller, why: wordsOf(error) }),
      changed: () => this.#want(),
    });
  }

  get pool(): ThreadPool {
    return this.#pool;
  }

  /** How many calls it has answered, and how many of them failed. */
  get counts(): { readonly calls: number; readonly failed: number } {
    return this.#desk.counts;
  }

  /** Connects, and begins to take calls. */
  async start(): Promise<void> {
    const { connection } = await this.#connection.open();
    connection.subscribe(this.#names.inbox(this.id), {
      callback: (error, message) => {
        if (!error) this.#hear(message);
      },
    });
    for (const served of this.#served.values()) this.#pulls.set(served.code.hash, this.#pullsOf(served));
    await Promise.all(Array.from(this.#pulls.values(), (pulls) => pulls.open()));
    this.#untell = tellOf(connection, this.#told());
    await this.#connection.flush();
    this.#working();
    this.#want();
    const modules = Array.from(this.#served.values(), ({ code }) => `${code.module} ${code.hash}`);
    this.#log({ event: 'ready', id: this.id, threads: this.#options.threads, modules });
  }

  /**
   * Takes no more calls, and resolves once those that run have been answered; those that run longer than `deadline`
   * milliseconds are ended, and answers that nobody takes are given up a second later. Gives whether there were none of these.
   * The log says `why`.
   */
  async drain(deadline: number, why: string): Promise<boolean> {
    this.#isDraining = true;
    const { size } = this.#desk;
    this.#log({ event: 'draining', why, running: size });
    await Promise.all(Array.from(this.#pulls.values(), (pulls) => pulls.close()));
    this.#untell?.();
    let isClean = true;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.letGo();
        timer.cancel();
        resolve();
      };
      let timer = after(deadline, () => {
        timer.letGo();
        isClean = false;
        this.#desk.stop((call: NodeCall) => stoppedError(call.name));
        // The server may be away, or the caller frozen: then nobody takes the answers.
        timer = after(answerTime, end);
        timer.hold();
      });
      timer.hold();
      void this.#desk.empty().then(end);
    });
    this.#beat?.cancel();
    this.#lines.close();
    await this.#connection.close();
    await (isClean ? this.#pool.close() : this.#pool.terminate());
    this.#log({ event: 'stopped', ...this.#desk.counts });
    return isClean;
  }

  #pullsOf(served: Served): Pulls {
    const { hash } = served.code;
    const pulls: Pulls = new Pulls({
      connection: this.#connection,
      names: this.#names,
      id: this.id,
      hash,
      ackWait: this.#options.ackWait,
      stream: {},
      take: (message) => void this.#desk.take(served, message, (sequence) => pulls.isFresh(sequence)),
      trouble: (error) => this.#log({ event: 'trouble', why: wordsOf(error) }),
    });
    return pulls;
  }

  /** Asks each queue for calls; those of several share the threads. */
  #want(): void {
    if (this.#isDraining) return;
    const free = Math.max(0, this.#desk.free);
    const each = Math.ceil(free / Math.max(1, this.#pulls.size));
    for (const pulls of this.#pulls.values()) pulls.want(each);
  }

  #hear(message: NatsMessage): void {
    const [about, which] = this.#names.read(message.subject);
    if (about === 'from') this.#lines.hear(which, message.data);
    else if (about === 'nobody' && isNobody(message)) this.#lines.nobody(which);
  }

  #receive(caller: string, bytes: Uint8Array): void {
    try {
      this.#desk.hear(caller, decodeFrame(bytes));
    } catch (error) {
      this.#log({ event: 'refused', caller, why: wordsOf(error) });
    }
  }

  async #isThere(caller: string): Promise<boolean> {
    if (this.#lines.isHeard(caller, recently)) return true;
    const connection = this.#connection.opened?.connection;
    try {
      await connection?.request(this.#names.from(this.id, caller), new Uint8Array(0), { timeout: answerTime });
      return true;
    } catch (error) {
      // One that is busy, or frozen, may come back.
      return /timeout/i.test((error as Error).name);
    }
  }

  #back(): void {
    this.#log({ event: 'back' });
    for (const pulls of this.#pulls.values()) pulls.back();
    this.#lines.back();
  }

  /** Tells the queues that its calls are being worked on. */
  #working(): void {
    this.#beat = after(this.#options.ackWait / 3, () => {
      for (const reply of this.#desk.replies) this.#connection.publish(reply, Word.working);
      this.#working();
    });
  }

  #told(): Parameters<typeof tellOf>[1] {
    const modules = Array.from(this.#served.values(), ({ code }) => code);
    const { threads } = this.#options;
    return {
      name: this.#names.service,
      id: this.id,
      metadata: {
        offloop: version,
        host: hostname(),
        pid: `${process.pid}`,
        threads: `${threads}`,
        modules: JSON.stringify(modules),
      },
      subjects: modules.map(({ hash }) => this.#names.subject(hash)),
      figures: () => this.#figures(),
      counts: () => {
        const { runTime } = this.#pool.stats();
        return { ...this.#desk.counts, ran: runTime.sum, lastError: this.#desk.lastError };
      },
    };
  }

  #figures(): object {
    const { perThread: _, waitTime, runTime, ...stats } = this.#pool.stats();
    const { calls, failed } = this.#desk.counts;
    return { ...stats, held: this.#desk.size, calls, failedCalls: failed, waitTime, runTime, uptime: process.uptime() };
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof OffloopError ? error.message : `${error.name}: ${error.message}`;
}
