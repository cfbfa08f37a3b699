/** The lines to all peers: which of them live, and which are lost. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { headOf, Kind, Line, unknownTo } from './line.ts';
import type { Head } from './line.ts';

/** How often peers show that they live, while something is between them, in milliseconds; and otherwise. */
const beatTime = 500;
const restTime = 15_000;

/** How many lines that were given up are remembered. */
const mostDropped = 10_000;

/** How a line ends: the peer is silent, or nobody is there; it lives, and has forgotten the line; it has left, with nothing to do. */
export type Loss = 'silent' | 'forgotten' | 'left';

/** What lines stand on. */
export interface LinesEnds {
  readonly limit: () => number;

  /** Since when the server has been there without a break; `undefined` while it is away. */
  readonly upSince: () => number | undefined;

  /** How long a peer may be silent before it counts as lost, in milliseconds. */
  readonly patience: number;

  /** Sends to `peer`; if nobody listens there, {@link Lines.nobody} is to be called. */
  post(peer: string, message: Uint8Array): void;
  receive(peer: string, frame: Uint8Array): void;

  /** Called before `peer` is told that it has been sent all there is: what it has to know by then is to be sent now. */
  owed?(peer: string): void;

  /** Called when the line to `peer` is no more; frames that it has not told of may have arrived. */
  lost(peer: string, how: Loss): void;

  /** Called when `peer` has sent something over a line that is not known here any more. */
  refused?(peer: string): void;
}

interface Known {
  readonly line: Line;
  holds: number;
  silentUntil: number;
}

/**
 * The lines of one process.
 *
 * Invariant: a line that was told lost is never used again; what the peer sends over it is refused, so that it learns of it.
 */
export class Lines {
  readonly #ends: LinesEnds;
  readonly #known = new Map<string, Known>();

  /** The marks of the ends of peers whose lines were given up. */
  readonly #dropped = new Set<number>();
  #losses = 0;
  #asking: { isComplete(): boolean; resolve(): void }[] = [];
  #beat: Later | undefined;

  constructor(ends: LinesEnds) {
    this.#ends = ends;
  }

  /** How many lines were given up so far. */
  get losses(): number {
    return this.#losses;
  }

  /** Whether `peer` was heard in the last `time` milliseconds. */
  isHeard(peer: string, time: number): boolean {
    const line = this.#known.get(peer)?.line;
    return line !== undefined && line.peer !== 0 && now() - line.heardAt < time;
  }

  send(peer: string, frame: Uint8Array, taken?: () => void): void {
    this.#awaited(peer).line.send(frame, taken);
    this.#watch();
  }

  /** Watches whether `peer` lives, until {@link release}. */
  hold(peer: string): void {
    this.#awaited(peer).holds += 1;
    this.#watch();
  }

  release(peer: string): void {
    const known = this.#known.get(peer);
    if (known && known.holds > 0) known.holds -= 1;
  }

  /** Reads a message of `peer`. */
  hear(peer: string, message: Uint8Array): void {
    const head = headOf(message);
    if (!head) return;
    const line = this.#lineFor(peer, head);
    const { kind } = head;
    if (line && kind !== Kind.unknown) line.hear(message, head);
    if (kind === Kind.unknown || kind === Kind.bye) {
      if (line) this.drop(peer, kind === Kind.unknown ? 'forgotten' : 'left');
    } else if (!line) this.#refuse(peer, head);
    this.#check();
    this.#watch();
  }

  /** Whether `peer` knows the line to it. */
  isKnown(peer: string): boolean {
    return (this.#known.get(peer)?.line.peer ?? 0) !== 0;
  }

  /** How many lines `peer` had given up when it was heard last; -1 if it does not know the line to it. */
  lossesOf(peer: string): number {
    return this.#known.get(peer)?.line.losses ?? -1;
  }

  /** Resolves once each peer that is known now has said, after this, that it has sent no more than has come; or is lost. */
  async complete(): Promise<void> {
    const since = now();
    for (const [peer] of this.#known) this.#awaited(peer).line.ping();
    const isComplete = (): boolean => {
      for (const { line } of this.#known.values()) if (line.madeAt < since && line.completeAt < since) return false;
      return true;
    };
    if (isComplete()) return;
    this.#watch();
    await new Promise<void>((resolve) => void this.#asking.push({ isComplete, resolve }));
  }

  #check(): void {
    if (this.#asking.length === 0) return;
    const left = this.#asking.filter(({ isComplete }) => !isComplete());
    const over = this.#asking.filter((it) => !left.includes(it));
    this.#asking = left;
    for (const { resolve } of over) resolve();
  }

  /** Nobody listens where `peer` was. It may be on its way back, if the server was away. */
  nobody(peer: string): void {
    const known = this.#known.get(peer);
    const up = this.#ends.upSince();
    if (!known || up === undefined || now() - up < this.#ends.patience) return;
    if (now() - known.line.heardAt > 2 * beatTime) this.drop(peer);
  }

  /** The server is there again: what was sent meanwhile is lost, and nobody could be heard. */
  back(): void {
    for (const { line } of this.#known.values()) {
      line.heardAt = now();
      line.resend();
      line.beat();
    }
  }

  /** Gives the line up. */
  drop(peer: string, how: Loss = 'silent'): void {
    const known = this.#known.get(peer);
    if (!known) return;
    known.line.end();
    this.#known.delete(peer);
    this.#losses += 1;
    this.#dropped.add(known.line.peer);
    const [first] = this.#dropped;
    if (this.#dropped.size > mostDropped && first !== undefined) this.#dropped.delete(first);
    this.#ends.lost(peer, how);
    this.#check();
  }

  /** Tells all peers that this process goes. */
  close(): void {
    this.#beat?.cancel();
    this.#beat = undefined;
    for (const { line } of this.#known.values()) line.bye();
    this.#known.clear();
    // A peer may not hear of it.
    this.#losses += 1;
  }

  #of(peer: string): Known {
    const known = this.#known.get(peer);
    if (known) return known;
    const line = new Line({
      limit: this.#ends.limit,
      losses: () => this.#losses,
      post: (message) => this.#ends.post(peer, message),
      receive: (frame) => this.#ends.receive(peer, frame),
      owed: () => this.#ends.owed?.(peer),
    });
    const made: Known = { line, holds: 0, silentUntil: now() + restTime };
    this.#known.set(peer, made);
    return made;
  }

  /** A peer that nothing was awaited of may have been silent for long. */
  #awaited(peer: string): Known {
    const known = this.#of(peer);
    if (known.holds === 0 && !known.line.isWaiting) known.line.heardAt = now();
    return known;
  }

  /** The line that a message belongs to; `undefined` if it belongs to one that is not known, or not known any more. */
  #lineFor(peer: string, { kind, from, to }: Head): Line | undefined {
    const line = this.#known.get(peer)?.line;
    const isOfPeer = line !== undefined && (line.peer === 0 || line.peer === from);
    if (to !== 0) return line?.mark === to && (isOfPeer || kind === Kind.unknown) ? line : undefined;
    if (isOfPeer) return line;
    const isAnew = !line && kind !== Kind.unknown && !this.#dropped.has(from);
    return isAnew ? this.#of(peer).line : undefined;
  }

  /** Reads a message that belongs to no line that is known here. */
  #refuse(peer: string, { from, to }: Head): void {
    const line = this.#known.get(peer)?.line;
    // The peer may have lost its end, and have made it anew. Only an end that is asked tells: the message may be of anybody.
    if (line && to === 0 && !this.#dropped.has(from)) return line.ping();
    this.#ends.refused?.(peer);
    this.#ends.post(peer, unknownTo(from));
  }

  #watch(): void {
    this.#beat ??= after(beatTime, () => {
      this.#beat = undefined;
      this.#look();
      if (this.#known.size > 0) this.#watch();
    });
  }

  #look(): void {
    const up = this.#ends.upSince();
    if (up === undefined) return;
    const at = now();
    for (const [peer, known] of this.#known) {
      const { line, holds } = known;
      if (holds === 0 && !line.isWaiting && this.#asking.length === 0) {
        if (at < known.silentUntil) continue;
        known.silentUntil = at + restTime;
        line.beat();
        continue;
      }
      if (at - Math.max(line.heardAt, up) > this.#ends.patience) this.drop(peer);
      else if (this.#asking.length > 0) line.ping();
      else line.beat();
    }
  }
}
