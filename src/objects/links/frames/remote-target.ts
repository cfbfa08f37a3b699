/** An object or a function of the other side, over frames. @module */

import { Promise } from '../../../base/intrinsics.ts';
import type { Leave } from '../live/imports.ts';
import { releasedPeer } from '../live/lost.ts';
import type { LinkCallOptions, OutgoingChunk, Remote } from '../live/remote.ts';
import type { Requests } from './requests.ts';

/** Invariant: it is forgotten while no call of it is in flight, and once. */
export class RemoteTarget implements Remote {
  readonly #session: Requests;
  readonly #id: number;

  /** Ends its use; missing for what the other side exposes itself. */
  readonly #leave: Leave | undefined;
  readonly #calls = new Set<Promise<unknown>>();
  #releasing: Promise<void> | undefined;

  constructor(session: Requests, id: number, leave?: Leave) {
    this.#session = session;
    this.#id = id;
    this.#leave = leave;
  }

  /** The number under which the session `session` knows it. */
  idIn(session: Requests): number | undefined {
    return session === this.#session ? this.#id : undefined;
  }

  call(name: string, args: unknown[], options?: LinkCallOptions): Promise<unknown> {
    if (this.#releasing) return Promise.reject(releasedPeer());
    const call = this.#session.request(this.#id, name, args, options);
    return this.#leave ? this.#track(call) : call;
  }

  read(name: string, options?: LinkCallOptions): Promise<unknown> {
    if (this.#releasing) return Promise.reject(releasedPeer());
    const call = this.#session.request(this.#id, name, undefined, options);
    return this.#leave ? this.#track(call) : call;
  }

  notify(name: string, args: unknown[]): void {
    if (!this.#releasing) this.#session.notify(this.#id, name, args);
  }

  sendBytes(context: number, chunk: OutgoingChunk): void {
    if (!this.#releasing) this.#session.sendBytes(this.#id, context, chunk);
  }

  release(): Promise<void> {
    return (this.#releasing ??= this.#release());
  }

  async #release(): Promise<void> {
    this.#leave?.leave();
    await Promise.allSettled(this.#calls);
    this.#leave?.forget();
  }

  /** What the other side exposes itself is never forgotten, so its calls need not be known. */
  #track(call: Promise<unknown>): Promise<unknown> {
    const over = (): void => void this.#calls.delete(call);
    this.#calls.add(call);
    call.then(over, over);
    return call;
  }
}
