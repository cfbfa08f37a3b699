/** The guard between Comlink and a port: nothing passes that was not asked for, and nothing is reached that is not listed. @module */

import { expose, wrap } from 'comlink';
import type { Endpoint } from 'comlink';
import { OffloopError } from '../../../base/errors.ts';
import type { Gate } from '../live/gate.ts';
import { Asked, Outcome } from './box.ts';
import { idOf, isFields, isRequest, isWireValue, requestOf } from './wire.ts';
import type { WireValue } from './wire.ts';
import type { Encoded } from './values.ts';

/** The session, as its guards use it. */
export interface Guarding {
  encode(value: unknown, name: string): Encoded;
  encodeThrown(thrown: unknown): Encoded;

  /** What a value of the other side is here. */
  decode(value: WireValue): unknown;

  /** Runs a call of the other side, if it may have one more. */
  serve(call: () => unknown): unknown;

  /** A call of either side is over. */
  settled(): void;
}

type Listener = (event: { readonly data: unknown }) => void;

/** What Comlink is given in place of a port. */
class GuardedEnd implements Endpoint {
  readonly #post: (message: unknown) => void;
  #listener: Listener | undefined;

  constructor(post: (message: unknown) => void) {
    this.#post = post;
  }

  postMessage(message: unknown): void {
    this.#post(message);
  }

  addEventListener(_: string, listener: unknown): void {
    this.#listener = listener as Listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }

  deliver(data: unknown): void {
    this.#listener?.({ data });
  }
}

/** The one member that Comlink sees, on either side. */
interface Facade {
  ask(asked: Asked): unknown;
}

/**
 * One port: serves what stands behind a gate, and asks for what the other side exposes. Comlink gets requests of one member
 * of ours, with what was asked as one argument, so that no path of the other side is ever followed by it.
 *
 * Invariant: `#asked` has the ids of requests without an answer, and only these are answered.
 */
export class Guard {
  readonly #guarding: Guarding;
  readonly #post: (message: unknown, transfer: readonly unknown[]) => void;
  readonly #serving: GuardedEnd;
  readonly #asking: GuardedEnd;
  readonly #asked = new Set<string>();
  readonly #remote: { ask(asked: Asked): Promise<unknown> };
  #lastAsked = '';
  #released: (() => void) | undefined;
  #error: unknown;
  #running = 0;

  constructor(
    guarding: Guarding,
    post: (message: unknown, transfer: readonly unknown[]) => void,
    { gate, released }: { readonly gate?: Gate; readonly released?: () => void },
  ) {
    this.#guarding = guarding;
    this.#post = post;
    this.#released = released;
    this.#serving = new GuardedEnd((message) => this.#answer(message));
    this.#asking = new GuardedEnd((message) => this.#request(message));
    if (gate) expose(this.#facade(gate), this.#serving);
    this.#remote = wrap<Facade>(this.#asking);
  }

  get size(): number {
    return this.#asked.size + this.#running;
  }

  /** Takes a message of the other side. */
  receive(message: unknown): void {
    const id = idOf(message);
    if (id === undefined || this.#error !== undefined) return;
    if (!isRequest(message)) return this.#settle(id, message);
    try {
      const { type, name, args } = requestOf(id, message);
      if (type === 'RELEASE') return this.#release(id);
      const values = type === 'APPLY' ? args.map((arg) => this.#guarding.decode(arg)) : undefined;
      this.#serving.deliver({
        id,
        type: 'APPLY',
        path: ['ask'],
        argumentList: [{ type: 'RAW', value: new Asked(name, values) }],
      });
    } catch (error) {
      this.#send(id, () => this.#guarding.encodeThrown(error));
    }
  }

  /** Asks the other side; `begun` is given the function that ends the wait with an error. */
  async ask(
    name: string,
    args: unknown[] | undefined,
    begun: (fail: (error: unknown) => void) => void,
  ): Promise<unknown> {
    if (this.#error !== undefined) throw this.#error;
    const answer = this.#remote.ask(new Asked(name, args));
    // Comlink has posted the request by now.
    const id = this.#lastAsked;
    begun((error) => this.#fail(id, error));
    return ((await answer) as Outcome).unwrap();
  }

  /** Ends it: what was asked fails. */
  end(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    for (const id of this.#asked) this.#fail(id, error);
    this.#free();
  }

  #facade(gate: Gate): Facade {
    return {
      ask: async ({ name, args }) => {
        this.#running += 1;
        try {
          const value = await this.#guarding.serve(() => (args ? gate.call(name, args) : gate.read(name)));
          return new Outcome(value, false);
        } catch (error) {
          return new Outcome(error, true);
        } finally {
          this.#running -= 1;
          this.#guarding.settled();
        }
      },
    };
  }

  /** Comlink answers a request of the other side. */
  #answer(message: unknown): void {
    const { id, value } = message as { readonly id: string; readonly value: unknown };
    const outcome = value as Outcome;
    this.#send(id, () =>
      outcome.isThrown ? this.#guarding.encodeThrown(outcome.value) : this.#guarding.encode(outcome.value, 'result'),
    );
  }

  #send(id: string, encode: () => Encoded): void {
    try {
      const { wire, transfer } = encode();
      this.#post({ ...wire, id }, transfer);
    } catch (error) {
      const { wire } = this.#guarding.encodeThrown(error);
      this.#post({ ...wire, id }, []);
    }
  }

  /** Comlink asks the other side. */
  #request(message: unknown): void {
    const { id, type, argumentList } = message as { id: string; type: string; argumentList: [{ value: Asked }] };
    if (this.#error !== undefined) return;
    // When Comlink has noticed that nobody uses its proxy any more.
    if (type === 'RELEASE') return this.release();
    const [{ value: asked }] = argumentList;
    this.#asked.add(id);
    this.#lastAsked = id;
    try {
      const args = asked.args?.map((arg, i) => this.#guarding.encode(arg, `arguments[${i}]`));
      const path = asked.name === '' ? [] : [asked.name];
      this.#post(
        args ? { id, type: 'APPLY', path, argumentList: args.map(({ wire }) => wire) } : { id, type: 'GET', path },
        args?.flatMap(({ transfer }) => transfer) ?? [],
      );
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** Says that what the other side exposes here is not used any more. */
  release(): void {
    if (this.#error !== undefined) return;
    this.#post({ id: 'release', type: 'RELEASE' }, []);
    this.end(new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot use the object of a peer: it was released'));
  }

  #settle(id: string, message: unknown): void {
    // An answer that nobody waits for, or that is forged.
    if (!this.#asked.has(id)) return;
    this.#asked.delete(id);
    this.#guarding.settled();
    this.#asking.deliver({ id, type: 'RAW', value: this.#outcomeOf(message) });
  }

  #outcomeOf(message: unknown): Outcome {
    try {
      if (!isFields(message) || !isWireValue(message))
        throw new OffloopError('ERR_OFFLOOP_BYTES', 'Cannot read the answer of a peer: it is malformed');
      const value = this.#guarding.decode(message);
      return value instanceof Outcome ? value : new Outcome(value, false);
    } catch (error) {
      return new Outcome(error, true);
    }
  }

  #fail(id: string, error: unknown): void {
    if (!this.#asked.delete(id)) return;
    this.#guarding.settled();
    this.#asking.deliver({ id, type: 'RAW', value: new Outcome(error, true) });
  }

  #release(id: string): void {
    this.#post({ id, type: 'RAW', value: undefined }, []);
    this.#free();
  }

  #free(): void {
    const released = this.#released;
    this.#released = undefined;
    released?.();
  }
}
