/** How an actor runs what an agent was made with. @module */

import { argumentError } from '../../base/errors.ts';
import { isThenable } from '../../base/thenable.ts';
import { offLoop } from '../../wrappers/off-loop.ts';
import { callsOf } from '../run/calls.ts';
import type { Calling, Ended } from '../run/calls.ts';
import type { StreamEvent } from '../events/event.ts';
import type { Stream } from '../stream.ts';
import { Feed } from './feed.ts';
import type { Lane } from './lane.ts';

type AnyEvent = StreamEvent<unknown>;

/** An actor, as its body sees it. */
export interface ActorLine {
  /** A stream over the events of the actor; new for each run of the body. */
  open(): Stream<unknown>;
  readonly lane: Lane;

  /** The item that the body has in hand. */
  readonly current: AnyEvent | undefined;

  /** The body has given a result, for `event` if it is known for which. */
  result(value: unknown, event: AnyEvent | undefined): Promise<void>;

  /** The body has failed for `event` alone: throws `error` if the agent is to stop. */
  failedFor(event: AnyEvent, error: unknown): Promise<void>;

  /** A body in a thread has ended: `given` was in hand, `others` had not been begun. */
  leftOver(given: readonly AnyEvent[], others: readonly AnyEvent[]): void;
  readonly isManual: boolean;
}

/** Runs a body until it ends, or throws. */
export type RunBody = (line: ActorLine) => Promise<void>;

/** The kinds of bodies: a function of a stream, a wrapped function of an item, a wrapped generator of items. */
export type BodyKind = 'stream' | 'item' | 'thread';

/** Which kind `fn` is. */
export function kindOf(fn: Function): BodyKind {
  const wrapped = offLoop(fn);
  if (!wrapped) return 'stream';
  return wrapped.isIterable ? 'thread' : 'item';
}

/** Gives what runs `fn`, until `ended`. */
export function bodyOf(fn: Function, ended: Ended, options: { concurrency: number; hasSinks: boolean }): RunBody {
  const call = callsOf(fn, ended);
  switch (kindOf(fn)) {
    case 'item':
      return async (line) => runItems(call, line, options.concurrency);
    case 'thread':
      return async (line) => runInThread(call, line);
    default:
      return async (line) => runStream(call, line, options.hasSinks);
  }
}

/** The function gives an iterable of results, or a promise. */
async function runStream(call: Calling, line: ActorLine, hasSinks: boolean): Promise<void> {
  const stream = line.open();
  const made = call(stream);
  if (isIterable(made)) {
    for await (const value of made) await line.result(value, line.current);
    return refuseIdle(stream, line);
  }
  if (hasSinks) throw argumentError('Cannot use the option sinks of agent: the function yields nothing');
  if (isThenable(made)) await made;
  refuseIdle(stream, line);
}

/** A function of one item is no body: it would end without having dealt with anything. */
function refuseIdle(stream: Stream<unknown>, { lane }: ActorLine): void {
  if (lane.wasAsked || lane.isStopped || stream.hasBegun) return;
  throw argumentError(
    'Cannot run the body of an agent: it ended and asked for no item; a plain function is given a stream, so iterate over that, or wrap a function of one item',
  );
}

/** Each item is a call; several may be out, where order does not matter or is kept elsewhere. */
async function runItems(call: Calling, line: ActorLine, concurrency: number): Promise<void> {
  const outcomes = line
    .open()
    .events()
    .map(async (event) => outcomeOf(event, call), { concurrency });
  for await (const outcome of outcomes) {
    if ('error' in outcome) await line.failedFor(outcome.event, outcome.error);
    else await line.result(outcome.value, outcome.event);
  }
}

type ItemOutcome = { readonly event: AnyEvent } & ({ readonly value: unknown } | { readonly error: unknown });

async function outcomeOf(event: AnyEvent, call: Calling): Promise<ItemOutcome> {
  try {
    return { event, value: await call(event.value) };
  } catch (error) {
    return { event, error };
  }
}

/** The thread takes the items itself. */
async function runInThread(call: Calling, line: ActorLine): Promise<void> {
  const feed = new Feed(line.lane, line.isManual);
  try {
    const results = (line.isManual ? call(feed, feed.settle) : call(feed)) as AsyncIterable<unknown>;
    for await (const value of results) await line.result(value, undefined);
  } finally {
    const { given, others } = feed.end();
    line.leftOver(given, others);
  }
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}
