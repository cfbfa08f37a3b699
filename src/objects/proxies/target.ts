/** The target of a proxy: one object, or several instances behind one proxy. @module */

import type { Definition } from '../../address/registry.ts';
import type { ThreadedIterator } from '../../channel/threaded-iterator.ts';
import type { ObjectCallOptions } from '../terms/options.ts';
import type { ObjectReference } from '../crossing/reference.ts';
import type { ObjectStatus } from '../terms/types.ts';

/** Makes the calls of one member; `above` is the function that the user called. */
export type Caller<R> = (args: unknown[], above: Function) => R;

/** The calls of a member, and how layers above know them. */
export interface MemberCalls {
  readonly definition: Definition;
  readonly call: Caller<Promise<unknown>>;
}

export interface Target {
  /** The calls of the method `name` with `options`, which were checked. */
  method(name: string, options: ObjectCallOptions | undefined): MemberCalls;
  generator(name: string, options: ObjectCallOptions | undefined): Caller<ThreadedIterator<unknown>>;
  read(name: string, options: ObjectCallOptions | undefined, above: Function): Promise<unknown>;
  write(name: string, value: unknown, options: ObjectCallOptions | undefined, above: Function): Promise<void>;
  release(): Promise<void>;

  /** The proxy of the class. */
  statics(): object;
  readonly status: ObjectStatus;
  readonly threadId: number | undefined;

  /** The object that crosses for it as an argument. */
  readonly reference: ObjectReference | undefined;
}
