/** Makes the records that go from the main side to a thread; {@link Down} says what their fields are. @module */

import type { Address } from '../address/address.ts';
import type { StreamOffer } from '../channel/ring/ring.ts';
import type { Hole } from '../codec/walk/hole.ts';
import type { PackedThrown } from '../codec/errors/codec.ts';
import type { Carried } from '../context/carried.ts';
import { Down } from './messages.ts';
import type { DownRecord, LocalAddress } from './messages.ts';
import type { LaneOffer } from './offer.ts';
import type { ThreadEnd } from './thread-end.ts';

type Holes = Hole[] | undefined;

/** The address of the function `id`, or the id of the function that it is a part of. */
export const define = (id: number, address: Address | LocalAddress | number): DownRecord => [
  Down.define,
  id,
  address,
  undefined,
  undefined,
  undefined,
];

/** The context of the calls that follow. */
export const context = (carried: Carried | undefined): DownRecord => [
  Down.context,
  0,
  carried?.variables,
  carried?.stores,
  carried?.holes,
  undefined,
];

/**
 * The call `id`; if `isTimed`, the thread tells when the function starts. With a `ticket`, it is a call only for the thread
 * that takes that.
 */
export const call = (
  id: number,
  functionId: number,
  args: unknown[],
  holes: Holes,
  isTimed: boolean,
  ticket?: number,
): DownRecord => [isTimed ? Down.timedCall : Down.call, id, functionId, args, holes, ticket];

/** The call `id` of a generator function, or of another function whose result is iterated over. */
export const streamCall = (
  id: number,
  functionId: number,
  args: unknown[],
  holes: Holes,
  offer: StreamOffer,
): DownRecord => [Down.streamCall, id, functionId, args, holes, offer];

/** The value that the callback `replyId` of the call `id` returned. */
export const reply = (id: number, replyId: number, value: unknown[], holes: Holes): DownRecord => [
  Down.reply,
  id,
  replyId,
  value,
  holes,
  undefined,
];

/** The error that the callback `replyId` of the call `id` threw. */
export const fault = (id: number, replyId: number, thrown: PackedThrown): DownRecord => [
  Down.fault,
  id,
  replyId,
  thrown,
  undefined,
  undefined,
];

/** The call `id` was given up. */
export const abort = (id: number, reason: PackedThrown): DownRecord => [
  Down.abort,
  id,
  reason,
  undefined,
  undefined,
  undefined,
];

/** The wait number `wait` of the call `id` will never end. */
export const giveUp = (id: number, wait: number): DownRecord => [
  Down.giveUp,
  id,
  wait,
  undefined,
  undefined,
  undefined,
];

/** The value of `yield` in the generator of the call `id`, when it is asked for the item `number`. */
export const resume = (id: number, number: number, value: unknown[], holes: Holes): DownRecord => [
  Down.resume,
  id,
  number,
  value,
  holes,
  undefined,
];

/**
 * The error that `yield` throws in the generator of the call `id`: when it is asked for the item `number`, or at once.
 */
export const raise = (id: number, number: number | undefined, thrown: PackedThrown): DownRecord => [
  Down.raise,
  id,
  number,
  thrown,
  undefined,
  undefined,
];

/** The generator of the call `id` may go on, or is to end. */
export const wake = (id: number): DownRecord => [Down.wake, id, undefined, undefined, undefined, undefined];

/** An item of the iterable `sourceId`, an argument of the call `id`. */
export const sourceItem = (
  id: number,
  sourceId: number,
  item: unknown[],
  holes: Holes,
  number: number,
  isBuffer: boolean,
): DownRecord => [Down.sourceItem, id, sourceId, item, holes, [number, isBuffer]];

/** The iterable `sourceId` of the call `id` has ended, or has thrown. */
export const sourceEnd = (id: number, sourceId: number, thrown: PackedThrown | undefined): DownRecord => [
  Down.sourceEnd,
  id,
  sourceId,
  thrown,
  undefined,
  undefined,
];

/** There are items of the iterable `sourceId` of the call `id` in shared memory. */
export const sourceBell = (id: number, sourceId: number): DownRecord => [
  Down.sourceBell,
  id,
  sourceId,
  undefined,
  undefined,
  undefined,
];

/** The thread of the request `requestId`. */
export const thread = (requestId: number, offer: LaneOffer, threadId: number): DownRecord => [
  Down.thread,
  requestId,
  offer,
  threadId,
  undefined,
  undefined,
];

/** The reason why there is no thread for the request `requestId`. */
export const noThread = (requestId: number, error: PackedThrown): DownRecord => [
  Down.noThread,
  requestId,
  error,
  undefined,
  undefined,
  undefined,
];

/** The end of the thread of the request `requestId`; its cause is packed. */
export const threadEnd = (requestId: number, { exitCode, threadId, cause }: ThreadEnd): DownRecord => [
  Down.threadEnd,
  requestId,
  exitCode,
  threadId,
  cause,
  undefined,
];
