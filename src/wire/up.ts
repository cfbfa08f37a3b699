/** Makes the records that go from a thread to the main side; {@link Up} says what their fields are. @module */

import type { Transferable } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import type { PackedThrown } from '../codec/errors/codec.ts';
import type { Hole } from '../codec/walk/hole.ts';
import type { Carried } from '../context/carried.ts';
import { Up } from './messages.ts';
import type { UpRecord } from './messages.ts';
import type { ThreadEndReason, ThreadWish } from './thread-end.ts';

type Holes = Hole[] | undefined;

/** How a thread calls a callback: without blocking; blocking with a timeout; or blocking without one. */
export type CallTag = typeof Up.callback | typeof Up.wait | typeof Up.endlessWait;

/** The call `id` has returned; `loose` are its callbacks that it did not await. */
export const returned = (
  id: number,
  value: unknown[],
  holes: Holes,
  loose: number[] | undefined,
  time: number,
): UpRecord => [Up.returned, id, value, holes, loose, time];

/** The call `id` has thrown. */
export const threw = (id: number, thrown: PackedThrown, loose: number[] | undefined, time: number): UpRecord => [
  Up.threw,
  id,
  thrown,
  undefined,
  loose,
  time,
];

/** The call `id` calls back the function `callbackId`. */
export const callBack = (
  tag: CallTag,
  id: number,
  replyId: number,
  callbackId: number,
  args: unknown[],
  holes: Holes,
): UpRecord => [tag, id, replyId, callbackId, args, holes];

/** The changes of the call `id` to the context, for the callback that follows. */
export const context = (id: number, { variables, stores, holes }: Carried): UpRecord => [
  Up.context,
  id,
  variables,
  stores,
  holes,
  undefined,
];

/** The address of the function `id` of the main side. */
export const define = (id: number, address: Address): UpRecord => [
  Up.define,
  id,
  address,
  undefined,
  undefined,
  undefined,
];

/** The call `id` no longer waits for its callback `replyId`. */
export const drop = (id: number, replyId: number, reason: PackedThrown): UpRecord => [
  Up.drop,
  id,
  replyId,
  reason,
  undefined,
  undefined,
];

/** The call `id` sleeps on `words[at]` in its wait number `wait`. */
export const sleeps = (id: number, wait: number, words: Int32Array, at: number, isEndless: boolean): UpRecord => [
  Up.sleeps,
  id,
  wait,
  words,
  at,
  isEndless,
];

/** The thread `threadId` may hold the primitive in `words`, of this `kind`. */
export const holds = (threadId: number, kind: string, words: Int32Array): UpRecord => [
  Up.holds,
  threadId,
  kind,
  words,
  undefined,
  undefined,
];

/** The thread could not read a message. */
export const unreadable = (error: PackedThrown): UpRecord => [Up.unreadable, 0, error, undefined, undefined, undefined];

/** The thread printed `chunk` to `stream`. */
export const output = (stream: 1 | 2, chunk: string | Uint8Array): UpRecord => [
  Up.output,
  stream,
  chunk,
  undefined,
  undefined,
  undefined,
];

/** The thread asks for a dedicated thread. */
export const wantThread = (requestId: number, wish: ThreadWish): UpRecord => [
  Up.wantThread,
  requestId,
  wish,
  undefined,
  undefined,
  undefined,
];

/** The thread of the request `requestId` has to end; without a reason, it has ended. */
export const endThread = (requestId: number, reason: ThreadEndReason | undefined): UpRecord => [
  Up.endThread,
  requestId,
  reason,
  undefined,
  undefined,
  undefined,
];

/** The function of the timed call `id` starts. */
export const started = (id: number): UpRecord => [Up.started, id, undefined, undefined, undefined, undefined];

/** The item `number` of the call `id`. */
export const item = (id: number, values: unknown[], holes: Holes, number: number, isBuffer: boolean): UpRecord => [
  Up.item,
  id,
  values,
  holes,
  number,
  isBuffer,
];

/** There are items of the call `id` in shared memory. */
export const bell = (id: number): UpRecord => [Up.bell, id, undefined, undefined, undefined, undefined];

/** The call `id` asks its iterable `sourceId` for more items, or has closed it. */
export const askSource = (id: number, sourceId: number): UpRecord => [
  Up.askSource,
  id,
  sourceId,
  undefined,
  undefined,
  undefined,
];

/** The look-up for the call `id`, which was taken back, is done. */
export const prepared = (id: number, isSpoilt: boolean): UpRecord => [
  Up.prepared,
  id,
  isSpoilt,
  undefined,
  undefined,
  undefined,
];

/** The call `id` has not begun, and its arguments go back to the main side. */
export const handBack = (id: number, args: unknown[], holes: Holes, moving: readonly Transferable[]): UpRecord => [
  Up.handBack,
  id,
  args,
  holes,
  moving,
  undefined,
];

/** The call `id`, which overlaps with others, knows that it was given up, and does not occupy the thread. */
export const told = (id: number): UpRecord => [Up.told, id, undefined, undefined, undefined, undefined];

/** The thread has dropped the callback `handleId`, which it was sent `times` times, of those that the call `id` keeps. */
export const dropped = (id: number, handleId: number, times: number): UpRecord => [
  Up.dropped,
  id,
  handleId,
  times,
  undefined,
  undefined,
];
