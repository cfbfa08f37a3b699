/** The way of a call whose items come from its node, and whose arguments are all in the order. @module */

import { now } from '../../base/clock.ts';
import { structuredClone } from '../../base/intrinsics.ts';
import type { Call } from '../../call/call.ts';
import { settleBy } from './settle.ts';
import type { StreamLine } from '../../call/stream-line.ts';
import { Producer } from '../../channel/producer.ts';
import { unpackThrown } from '../../codec/errors/codec.ts';
import type { PackedThrown } from '../../codec/errors/codec.ts';
import type { Hole } from '../../codec/walk/hole.ts';
import { unpack } from '../../codec/walk/unpack.ts';
import { Down } from '../../wire/messages.ts';
import type { DownRecord } from '../../wire/messages.ts';
import { encodeThrown } from '../values/bodies.ts';
import { Op } from '../values/frame.ts';
import type { Frame } from '../values/frame.ts';
import type { Intake } from '../values/intake.ts';
import { Session } from '../values/session.ts';
import type { Say, Way } from './way.ts';

/**
 * Passes the items that come from the node on to the consumer, as far as that has room, and the consumer's wishes to the
 * node. What the consumer takes for a thread is this.
 *
 * Invariant: `over` is called once, after the call is settled; the items before an error are given before it.
 */
export class NearItems implements Way, StreamLine<Call> {
  isOn = false;
  readonly hasGiven = true;
  readonly #call: Call;
  readonly #over: () => void;
  #say: Say | undefined;
  #session: Session | undefined;
  #intake: Intake | undefined;
  #producer: Producer | undefined;
  #ran: number | undefined;
  #isGivenUp = false;

  /** Whether the node has ended the generator, or is lost. */
  #hasEnded = false;

  /** `over` is called once the call is settled, and its node has ended the generator. */
  constructor(call: Call, over: () => void) {
    this.#call = call;
    this.#over = over;
  }

  begun(say: Say): void {
    const { stream, limits, scope } = this.#call;
    if (this.isOn || !stream) return;
    this.isOn = true;
    this.#say = say;
    const { offer } = stream;
    this.#session = new Session({ send: say, resolveClass: scope.resolveClass });
    this.#intake = this.#session.receive(offer.maxSize, { isAsked: true });
    this.#producer = new Producer(offer, {
      // It came as bytes, so nobody else has it.
      post: (number, item) => stream.heard(number, { values: [item], holes: undefined, isBuffer: false }),
      ring: () => stream.woken(),
      pull: () => undefined,
      hearsAll: false,
      isGivenUp: () => this.#isGivenUp,
    });
    stream.attached(this);
    limits?.started();
    void this.#drive(this.#producer, this.#intake);
  }

  hear(frame: Frame): void {
    this.#session?.hear(frame);
  }

  ended(isReturned: boolean, value: unknown, ran: number | undefined): void {
    this.#ran = ran;
    this.#hasEnded = true;
    this.#intake?.ended(isReturned ? { returned: value } : { error: value });
    this.#session?.end();
  }

  gone(reason: unknown): void {
    this.interrupt(this.#call, reason);
  }

  lost(): void {
    // The items that have come are given, then the error.
  }

  end(): void {
    this.#session?.end();
  }

  // Of the line to the generator.

  /** The process is kept alive by the fleet while it has calls. */
  hold(): void {
    // Nothing is done here.
  }

  release(): void {
    // Nothing is done here.
  }

  catchUp(): void {
    // Nothing waits unread.
  }

  /** Reads what the consumer tells the generator. */
  tell([tag, , first, second, third]: DownRecord): void {
    const { scope } = this.#call;
    if (tag === Down.wake) this.#producer?.hear(undefined, undefined);
    else if (tag === Down.raise) {
      const error = unpackThrown(second as PackedThrown, scope);
      this.#producer?.hear(first as number | undefined, { does: 'throw', error });
    } else if (tag === Down.resume) {
      // It becomes bytes when the generator goes on; it may be changed by then.
      const values = structuredClone(second as unknown[]);
      const holes = third as Hole[] | undefined;
      const [value] = holes ? unpack(values, holes, scope) : values;
      this.#producer?.hear(first as number, { does: 'next', value });
    }
  }

  interrupt(_: Call, reason: unknown): boolean {
    this.#isGivenUp = true;
    this.#say?.(Op.abort, [], encodeThrown(reason));
    return true;
  }

  async #drive(producer: Producer, intake: Intake): Promise<void> {
    const call = this.#call;
    let settle: () => void;
    try {
      const value = await producer.driveInLoop(intake);
      settle = () => call.returned(value, this.#ran, now());
    } catch (error) {
      settle = () => settleBy(call, error, this.#ran);
    }
    // What failed here, such as a value for `yield` that cannot become bytes, has not ended the generator.
    if (!this.#hasEnded) this.#say?.(Op.forget, []);
    call.stream?.detached();
    settle();
    this.#over();
  }
}
