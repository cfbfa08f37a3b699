/** The types of what is used over a link, derived from what the other side exposes. @module */

import type { ByteStreamer } from '../bytes/byte-streamer.ts';
import type { EntityStream } from '../entity-stream.ts';
import type { AnyClass } from '../terms/types.ts';
import type { LinkCallOptions } from './live/remote.ts';

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The arrival of a result of type `R`: an instance of a class `N` arrives as a proxy, a function as one that is called over the link. */
export type Linked<R, N extends AnyClass = never> =
  IsAny<R> extends true
    ? R
    : R extends EntityStream<unknown> | ByteStreamer
      ? R
      : R extends Generator<infer T, unknown, never> | AsyncGenerator<infer T, unknown, never>
        ? EntityStream<T>
        : R extends (...args: infer A) => infer V
          ? LinkedFunction<A, V, N>
          : R extends InstanceType<N>
            ? Peer<R, N>
            : R;

/** A function of the other side. */
export interface LinkedFunction<A extends unknown[], V, N extends AnyClass = never> extends AsyncDisposable {
  (...args: A): Promise<Linked<Awaited<V>, N>>;

  /** Lets the other side forget the function, once no call of it is in flight. That happens by itself when nobody has it. */
  release(): Promise<void>;
}

type PeerMember<V, N extends AnyClass> = [Extract<V, (...args: never) => unknown>] extends [never]
  ? Promise<Linked<Awaited<V>, N>>
  : V extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Linked<Awaited<R>, N>>
    : Promise<Linked<Awaited<V>, N>>;

type Names<T> = Exclude<
  Extract<keyof T, string>,
  'constructor' | 'then' | 'toJSON' | 'toString' | 'valueOf' | '__proto__'
>;

/** The members that every proxy over a link has beside those of its object, which they hide. */
export interface PeerControls<T, N extends AnyClass = never> extends AsyncDisposable {
  /**
   * Gives the same object, whose calls have these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: LinkCallOptions): Peer<T, N>;

  /**
   * Waits until no call of it is in flight, and lets the other side forget the object; later calls reject with
   * `ERR_OFFLOOP_CLOSED`. That happens by itself when nobody has the proxy. It does nothing to what a link exposes itself.
   */
  release(): Promise<void>;
}

/**
 * An object of the other side of a link: its methods return promises, its fields and getters are promises. Whatever the
 * other side does not expose rejects with `ERR_OFFLOOP_NOT_FOUND`.
 */
export type Peer<T, N extends AnyClass = never> = Omit<
  { readonly [K in Names<T>]: PeerMember<T[K], N> },
  keyof PeerControls<T, N>
> &
  PeerControls<T, N>;
