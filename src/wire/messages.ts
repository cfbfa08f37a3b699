/**
 * The wire: what travels over a lane, read by both of its ends. A message is a flat list of records, so that any number of
 * them can leave in one message and no record costs an object. A record has six fields, but for the most frequent ones:
 * those of calls that follow each other are one record, a run: a head of five fields, then the items of each call, as many
 * as the fifth field says. The first field, the tag, tells. Items that are objects of a known shape are their primitives
 * alone: then the fifth field is -1 less the number of the shape, of which the other end was told before. Here are the tags
 * and what tells records apart; `down.ts` and `up.ts` make the records. @module
 */

import type { Branch } from '../codec/shape.ts';

/** How many fields a record has, and how many the head of a run. */
export const recordWidth = 6;
export const headWidth = 5;

/** The tag of runs, in both directions: {@link Down.shortCalls} and {@link Up.values}. */
export const runTag = 0;

/** The tag of records that tell of a shape, in both directions: its number, the {@link Branch}. */
export const shapeTag = -1;

/** The first field of a record from the main side to a thread. */
export const Down = {
  /**
   * `id` of the first call, `id` of their function, how many calls, how many arguments each has; then the arguments. The
   * function is known to take microseconds, so that results may wait for others.
   */
  shortCalls: 0,

  /** `id` of a function, its address: sent once a lane, before the first call of it. */
  define: 1,

  /** Nothing, variables, stores, holes: the context of the calls that follow, until there is another one. */
  context: 2,

  /** `id` of a call, `id` of its function, arguments, holes. */
  call: 3,

  /** As `call`; the thread says when the function starts, because a time limit counts from there. */
  timedCall: 4,

  /** As `call`, of a function that gives items; the sixth field is the `StreamOffer`. */
  streamCall: 5,

  /** `id` of a call, `id` of a callback's call, `[value]`, holes: what the callback returned. */
  reply: 6,

  /** `id` of a call, `id` of a callback's call, packed error: what the callback threw. */
  fault: 7,

  /** `id` of a call, packed reason: the call was given up, and may end by itself. */
  abort: 8,

  /** `id` of a call, number of its wait: nobody is left who could end it. */
  giveUp: 9,

  /** `id` of a call, number of the item that is asked for, `[value]`, holes: what `yield` is to give its generator. */
  resume: 10,

  /** `id` of a call, number of the item that is asked for or nothing, packed error: what `yield` is to throw. */
  raise: 11,

  /** `id` of a call: its generator may go on, or is to end. */
  wake: 12,

  /** `id` of a call, `id` of an iterable of its arguments, `[item]`, holes, the item's number and whether it is a `Buffer`. */
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
   * `id` of the first call, milliseconds that all of them ran, how many calls, 1; then what each returned, where there is
   * nothing to restore or to wait for. All are of one function.
   */
  values: 0,

  /** `id` of a call, `[value]`, holes, ids of callbacks' calls whose results nobody took, milliseconds that it ran. */
  returned: 1,

  /** `id` of a call, packed error, nothing, ids of callbacks' calls whose results nobody took, milliseconds that it ran. */
  threw: 2,

  /**
   * `id` of a call, `id` of a callback's call, `id` of the callback, arguments, holes. The callback is a function of the
   * arguments, or, with a negative id, one that the main side has as well: see {@link Up.define}.
   */
  callback: 3,

  /** As `callback`; the thread blocks until it is answered, or has waited for too long. */
  wait: 4,

  /** As `callback`; the thread blocks until it is answered. */
  endlessWait: 5,

  /** `id` of a call, variables, stores, holes: what the thread has changed of the context of the callback that follows. */
  context: 6,

  /** `id` of a call, `id` of a callback's call, packed reason: nobody waits for the answer any more. */
  drop: 7,

  /**
   * `id` of a call, number of its wait, shared memory and the field in it on which the thread sleeps, whether it does so
   * until somebody ends it.
   */
  sleeps: 8,

  /** `id` of a timed call. */
  started: 9,

  /** `id` of a call, `[item]`, holes, the item's number, whether it is a `Buffer`: one that is not in shared memory. */
  item: 10,

  /** `id` of a call: there are items in shared memory. */
  bell: 11,

  /** `id` of a call, `id` of an iterable of its arguments: it may go on, or begin, or has been closed. */
  askSource: 12,

  /** `id` of a call that has not begun to run, arguments, holes, what of them moves: another thread is to run it. */
  handBack: 13,

  /** `id` of a function, its address: sent once a lane, before the first call of it. */
  define: 14,

  /** `id` of the thread, a kind of thing, its shared memory: the thread may hold it from now on. */
  holds: 15,

  /** Nothing, packed error: a message came that could not be read. */
  unreadable: 16,

  /** `1` for stdout or `2` for stderr, what was printed. */
  output: 17,

  /** `id` of a request, `ThreadWish`: a thread of its own is wanted for a call that was made in this one. */
  wantThread: 18,

  /**
   * `id` of a request, `ThreadEndReason`: its thread is to end. Without a reason it has, and no more is said of it.
   */
  endThread: 19,

  /**
   * `id` of a call that was taken back while its function was being looked for, whether what was loaded meanwhile has
   * asked for it: that is done, and the thread can start another call.
   */
  prepared: 20,
} as const;

/** Whether the record down with this `tag` is a call. */
export const isCall = (tag: number): boolean => tag >= Down.call && tag <= Down.streamCall;

/** Whether it says something to a call that was sent before. */
export const isToCall = (tag: number): boolean => tag >= Down.reply && tag <= Down.sourceBell;

/** Whether it is about a thread that was asked for. */
export const isOfThread = (tag: number): boolean => tag >= Down.thread && tag <= Down.threadEnd;

/** Whether the record up with this `tag` is about the call whose `id` it has, for as long as that is out. */
export const isOfCall = (tag: number): boolean => tag >= Up.returned && tag <= Up.handBack;

/** The error for a tag that the other end should not know: it is of another version, or the message is damaged. */
export function unknownTag(tag: number): Error {
  return new Error(`A message of another version of offloop has come, with the tag ${tag}`);
}

/** Names a function to a lane's other end in the same thread. */
export interface LocalAddress {
  readonly local: number;
}

/** The fields of a record after its `id`. */
export type Fields = readonly [first: unknown, second: unknown, third: unknown, fourth: unknown];

/** A record before it is laid flat. `down.ts` and `up.ts` make them, and nothing else does. */
type RecordOf<Tag> = [tag: Tag, id: number, ...fields: [...Fields]];

/** The records of a message to a thread, but for runs. */
export type DownRecord = RecordOf<(typeof Down)[keyof typeof Down] | typeof shapeTag>;

/** The records of a message from a thread, but for runs. */
export type UpRecord = RecordOf<(typeof Up)[keyof typeof Up] | typeof shapeTag>;

/** Tells of a shape, in both directions. */
export const shapeRecord = (number: number, shape: Branch): RecordOf<typeof shapeTag> => [
  shapeTag,
  number,
  shape,
  undefined,
  undefined,
  undefined,
];
