/** Which consumer of the server a consumption has. @module */

import { after, now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import type { ConsumeListener, StartPosition } from '../transport.ts';
import type { Bound } from './consumer-config.ts';
import type { ServerConsumer } from './consumers.ts';
import { pause } from '../../base/pause.ts';

/** The parts of a binding. */
export interface BindingPlan {
  readonly consumer: ServerConsumer;
  readonly start: StartPosition;
  readonly listener: ConsumeListener;
  readonly timeout: number;
}

/** By how much the time may differ at which a consumer of the server was made, in milliseconds. */
const slack = 1000;

/** Told which it is. */
export interface BindingListener {
  bound(bound: Bound): void;

  /** It was deleted for good. */
  failed(error: unknown): void;

  /** It is another one, which somebody else has made since. */
  replaced(): void;

  /** Where one that nobody shares is made again. */
  position(): number;
}

/** How long to wait before the server is asked again that has refused something, in milliseconds. */
const breath = 200;

/** How often a consumer of the server is looked for that was deleted, since others may just be making it again. */
const looks = 10;

/**
 * Finds the consumer of the server, and finds it again when there is doubt.
 *
 * Invariant: one search at a time.
 */
export class Binding {
  readonly #plan: BindingPlan;
  readonly #listener: BindingListener;
  #created = 0;
  #isSearching = false;
  #isReplacing = false;
  #isOver = false;

  constructor(plan: BindingPlan, listener: BindingListener) {
    this.#plan = plan;
    this.#listener = listener;
  }

  /** Gives nothing if it was ended meanwhile. */
  async begin(): Promise<Bound | undefined> {
    const bound = await this.#find(this.#plan.start);
    if (bound) this.#have(bound);
    return bound;
  }

  /** Has one that begins at `start` instead. */
  async replace(start: StartPosition): Promise<void> {
    this.#isReplacing = true;
    try {
      await this.#plan.consumer.delete(now() + this.#plan.timeout);
      const bound = await this.#find(start);
      if (bound) this.#have(bound);
    } finally {
      this.#isReplacing = false;
    }
  }

  /** It may be another one, or away: looks for it, unless it is being looked for. */
  doubt(why: 'gone' | 'later' | 'silent'): void {
    if (this.#isSearching || this.#isReplacing || this.#isOver || this.#created === 0) return;
    this.#isSearching = true;
    void this.#search(why);
  }

  end(): void {
    this.#isOver = true;
  }

  async #search(why: 'gone' | 'later' | 'silent'): Promise<void> {
    const { listener } = this.#plan;
    try {
      if (why === 'later') await pause(breath / 4);
      const bound = await this.#findAgain();
      if (this.#isOver) return;
      if (!bound) {
        const text = 'The consumer was deleted at the server';
        return this.#listener.failed(new OffloopError('ERR_OFFLOOP_BROKER', text));
      }
      if (this.#plan.consumer.isGroup && this.#isAnother(bound, why)) this.#listener.replaced();
      this.#have(bound);
    } catch (error) {
      listener.trouble(error);
      after(1000, () => this.doubt(why));
    } finally {
      this.#isSearching = false;
    }
  }

  /** A server that starts again tells a slightly later time of its consumers than before. */
  #isAnother({ created }: Bound, why: 'gone' | 'later' | 'silent'): boolean {
    if (why === 'gone') return created !== this.#created;
    return Math.abs(created - this.#created) > slack;
  }

  async #findAgain(): Promise<Bound | undefined> {
    for (let tries = 0; tries < looks; tries += 1) {
      // One that nobody shares is made again where it was.
      const bound = await this.#find(
        this.#plan.consumer.isGroup ? undefined : { at: 'position', position: this.#listener.position() },
      );
      if (bound || this.#isOver) return bound;
      await pause(breath);
    }
    return undefined;
  }

  #find(start: StartPosition | undefined): Promise<Bound | undefined> {
    const { consumer, timeout } = this.#plan;
    return consumer.bind(start, now() + timeout, () => this.#isOver);
  }

  #have(bound: Bound): void {
    this.#created = bound.created;
    this.#listener.bound(bound);
  }
}
