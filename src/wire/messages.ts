/**
 * The protocol of a lane. A message is a flat list of records, so that one message can carry any number of records, and
 * no record costs an object. The first field of a record is its tag. A record has six fields, except for a run, which
 * stands for many consecutive calls: a head of five fields, followed by the items of each call. The fifth field of a
 * run says how many items each call has; or, if the items are the primitives of an object of a known shape, it is -1
 * less the number of the shape, which was sent before. This file has the tags, and the functions that tell records
 * apart; `down.ts` and `up.ts` make the records. @module
 */

import type { Branch } from '../codec/quick/shape.ts';

/** How many fields a record has, and how many the head of a run. */
export const recordWidth = 6;
export const headWidth = 5;

/** The tag of runs, in both directions: {@link Down.shortCalls} and {@link Up.values}. */
export const runTag = 0;

/** The tag of records that define a shape, in both directions: its number, the {@link Branch}. */
export const shapeTag = -1;

/** The first field of a record from the main side to a thread. */
export const Down = {
  /**
   * `id` of the first call, `id` of their function, how many calls, how many arguments each has; then the arguments.
   * The function is known to take microseconds, so the thread may gather the results of several calls in a message.
   */
  shortCalls: 0,

  /**
   * `id` of a function, its address, or the `id` of the function that it is a part of: sent once a lane, before the first
   * call of it.
   */
  define: 1,

  /** Nothing, variables, stores, holes: the context of the calls that follow, until there is another one. */
  context: 2,

  /** `id` of a call, `id` of its function, arguments, holes, the ticket if other threads are offered the call as well. */
  call: 3,

  /** As `call`; the thread tells when the function starts, because the `timeout` of the call begins then. */
  timedCall: 4,

  /** As `call`, for a function whose result is iterated over; the sixth field is the `StreamOffer`. */
  streamCall: 5,

  /** `id` of a call, `id` of a callback's call, `[value]`, holes: the callback returned. */
  reply: 6,

  /** `id` of a call, `id` of a callback's call, packed error: the callback threw. */
  fault: 7,

  /** `id` of a call, packed reason: the call was given up, and may end by itself. */
  abort: 8,

  /** `id` of a call, number of its wait: the wait will never end. */
  giveUp: 9,

  /** `id` of a call, number of the item that is asked for, `[value]`, holes: the value for the generator's `yield`. */
  resume: 10,

  /**
   * `id` of a call, number of the item that is asked for or nothing, packed error: the error for the generator's
   * `yield`.
   */
  raise: 11,

  /** `id` of a call: its generator may go on, or is to end. */
  wake: 12,

  /**
   * `id` of a call, `id` of an iterable of its arguments, `[item]`, holes, the item's number and whether it is a
   * `Buffer`.
   */
  sourceItem: 13,

  /** `id` of a call, `id` of an iterable of its arguments, packed error if it has thrown: there are no more items. */
  sourceEnd: 14,

  /** `id` of a call, `id` of an iterable of its arguments: there are items in shared memory. */
  sourceBell: 15,

  /** `id` of a request, `LaneOffer`, `threadId`: the main side's end of the line to the thread asked for. */
  thread: 16,

  /** `id` of a request, packed error: there is no thread. */
  noThread: 17,

  /** `id` of a request, exit code, `threadId`, packed cause if there is one: the thread has ended. */
  threadEnd: 18,
} as const;

/** The first field of a record from a thread to the main side. */
export const Up = {
  /**
   * `id` of the first call, milliseconds that all of them ran, how many calls, 1; then the result of each. All are
   * calls of one function, and their results have no holes to fill and no callbacks to wait for.
   */
  values: 0,

  /**
   * `id` of a call, `[value]`, holes, ids of callbacks' calls that the function did not await, milliseconds that it
   * ran.
   */
  returned: 1,

  /** `id` of a call, packed error, nothing, ids of callbacks' calls that it did not await, milliseconds that it ran. */
  threw: 2,

  /**
   * `id` of a call, `id` of a callback's call, `id` of the callback, arguments, holes. The callback is a function among
   * the arguments, or, with a negative id, a registered function: see {@link Up.define}.
   */
  callback: 3,

  /** As `callback`; the thread blocks until the answer, or a timeout. */
  wait: 4,

  /** As `callback`; the thread blocks until the answer, without a timeout. */
  endlessWait: 5,

  /** `id` of a call, variables, stores, holes: the thread's changes to the context, for the callback that follows. */
  context: 6,

  /** `id` of a call, `id` of a callback's call, packed reason: the thread no longer waits for the answer. */
  drop: 7,

  /**
   * `id` of a call, number of its wait, shared memory and the field in it on which the thread sleeps, whether the wait
   * has no timeout.
   */
  sleeps: 8,

  /** `id` of a timed call: its function starts. */
  started: 9,

  /**
   * `id` of a call, `[item]`, holes, the item's number, whether it is a `Buffer`: an item that is not in shared memory.
   */
  item: 10,

  /** `id` of a call: there are items in shared memory. */
  bell: 11,

  /** `id` of a call, `id` of an iterable of its arguments: the iterable may begin or go on, or was closed. */
  askSource: 12,

  /**
   * `id` of a call that has not begun to run, arguments, holes, their transfer list: another thread has to run the
   * call.
   */
  handBack: 13,

  /** `id` of a call that was given up and overlaps with others: it knows, and the thread's event loop has turned. */
  told: 14,

  /** `id` of a call, `id` of a kept callback, how often it was sent: the thread has dropped the callback. */
  dropped: 15,

  /** `id` of a function, its address: sent once a lane, before the first call of it. */
  define: 16,

  /** `id` of the thread, a kind of primitive, its shared memory: the thread may hold the primitive from now on. */
  holds: 17,

  /** Nothing, packed error: the thread could not read a message. */
  unreadable: 18,

  /** `1` for stdout or `2` for stderr, the printed chunk. */
  output: 19,

  /** `id` of a request, `ThreadWish`: a call that was made in this thread needs a dedicated thread. */
  wantThread: 20,

  /**
   * `id` of a request, `ThreadEndReason`: its thread has to end. Without a reason: it has ended, and this is the last
   * record about it.
   */
  endThread: 21,

  /**
   * `id` of a call that was taken back while its function was being looked up, whether the loaded module has asked for
   * that call: the look-up is done, and the thread can start another call.
   */
  prepared: 22,
} as const;

/** Whether the record with this `tag` of {@link Down} is a call. */
export const isCall = (tag: number): boolean => tag >= Down.call && tag <= Down.streamCall;

/** Whether the record with this `tag` of {@link Down} is for a call that was sent before. */
export const isToCall = (tag: number): boolean => tag >= Down.reply && tag <= Down.sourceBell;

/** Whether the record with this `tag` of {@link Down} is about a requested thread. */
export const isOfThread = (tag: number): boolean => tag >= Down.thread && tag <= Down.threadEnd;

/** Whether a record from a thread with this tag calls a function of the main side back. */
export const isCallback = (tag: number): boolean => tag === Up.callback || tag === Up.wait || tag === Up.endlessWait;

/** Whether the record with this `tag` of {@link Up} is about an outstanding call, whose `id` it has. */
export const isOfCall = (tag: number): boolean => tag >= Up.returned && tag <= Up.dropped;

/** Makes the error for an unknown tag: the other end has another version of the library, or the message is damaged. */
export function unknownTag(tag: number): Error {
  return new Error(`Cannot read a message of another version of offloop: its tag is ${tag}`);
}

/** Names a function to a lane's other end in the same thread. */
export interface LocalAddress {
  readonly local: number;
}

/** The fields of a record after its `id`. */
export type Fields = readonly [first: unknown, second: unknown, third: unknown, fourth: unknown];

/** A record before it is added to a flat message. Only `down.ts` and `up.ts` make records. */
type RecordOf<Tag> = [tag: Tag, id: number, ...fields: [...Fields]];

/** The records of messages to a thread, except for runs. */
export type DownRecord = RecordOf<(typeof Down)[keyof typeof Down] | typeof shapeTag>;

/** The records of messages from a thread, except for runs. */
export type UpRecord = RecordOf<(typeof Up)[keyof typeof Up] | typeof shapeTag>;

/** Defines a shape, in both directions. */
export const shapeRecord = (number: number, shape: Branch): RecordOf<typeof shapeTag> => [
  shapeTag,
  number,
  shape,
  undefined,
  undefined,
  undefined,
];
