/** An object or a function of a peer that has Comlink alone. @module */

import { after } from '../../../base/clock.ts';
import { Promise } from '../../../base/intrinsics.ts';
import { timedOut } from '../frames/pending.ts';
import { releasedPeer } from '../live/lost.ts';
import type { LinkCallOptions, OutgoingChunk, Remote } from '../live/remote.ts';
import type { Guard } from './guard.ts';

/** Invariant: it is released while no call of it is in flight, and once. */
export class ComlinkRemote implements Remote {
  readonly #guard: Guard;
  readonly #isRoot: boolean;
  readonly #calls = new Set<Promise<unknown>>();
  #releasing: Promise<void> | undefined;

  constructor(guard: Guard, { isRoot }: { readonly isRoot: boolean }) {
    this.#guard = guard;
    this.#isRoot = isRoot;
  }

  call(name: string, args: unknown[], options?: LinkCallOptions): Promise<unknown> {
    return this.#ask(name, args, options);
  }

  read(name: string, options?: LinkCallOptions): Promise<unknown> {
    return this.#ask(name, undefined, options);
  }

  notify(name: string, args: unknown[]): void {
    this.#ask(name, args, undefined).catch(() => undefined);
  }

  sendBytes(context: number, { bytes }: OutgoingChunk): void {
    this.notify('', [{ kind: 'data', context, bytes }]);
  }

  release(): Promise<void> {
    return (this.#releasing ??= this.#release());
  }

  async #release(): Promise<void> {
    await Promise.allSettled(this.#calls);
    if (!this.#isRoot) this.#guard.release();
  }

  #ask(name: string, args: unknown[] | undefined, options: LinkCallOptions = {}): Promise<unknown> {
    if (this.#releasing) return Promise.reject(releasedPeer());
    const call = this.#within(name, args, options);
    const over = (): void => void this.#calls.delete(call);
    this.#calls.add(call);
    call.then(over, over);
    return call;
  }

  /** A peer with Comlink alone is not told that a call was given up: there is no message for it. */
  async #within(
    name: string,
    args: unknown[] | undefined,
    { signal, timeout = Infinity }: LinkCallOptions,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    let fail: ((error: unknown) => void) | undefined;
    const aborted = (): void => fail?.(signal?.reason);
    const timer = timeout === Infinity ? undefined : after(timeout, () => fail?.(timedOut(name, timeout)));
    timer?.hold();
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      return await this.#guard.ask(name, args, (failing) => (fail = failing));
    } finally {
      timer?.cancel();
      signal?.removeEventListener('abort', aborted);
    }
  }
}
