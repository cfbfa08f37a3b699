/** A thread reads the records that it is sent. @module */

import { setImmediate } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Arrivals } from '../../src/job/arrivals.ts';
import type { Job, JobLane } from '../../src/job/job.ts';
import { Down, runTag } from '../../src/wire/messages.ts';
import { PortTransport } from '../../src/wire/transport.ts';
import { collect } from '../support/heap.ts';

let channel: MessageChannel;
let heard: unknown[];
let arrivals: Arrivals<string>;

beforeEach(() => {
  channel = new MessageChannel();
  heard = [];
  arrivals = new Arrivals(new PortTransport(channel.port1), {} as JobLane, {
    hear: (tag, id, fields) => heard.push([tag, id, ...fields]),
    unreadable: (error) => heard.push(error),
  });
});
afterEach(() => channel.port1.close());

/** Takes all calls out of the queue. */
function all(): Job[] {
  const jobs: Job[] = [];
  for (let job; (job = arrivals.next); arrivals.take()) jobs.push(job);
  return jobs;
}

const call = (id: number): unknown[] => [Down.call, id, 7, ['a'], undefined, undefined];

test('calls stand in line as they were sent, in runs or alone, and all else is heard', () => {
  channel.port2.postMessage([Down.define, 7, 'an address', undefined, undefined, undefined, ...call(1)]);
  channel.port2.postMessage([
    runTag,
    2,
    7,
    3,
    1,
    'x',
    'y',
    'z',
    Down.abort,
    1,
    'a reason',
    undefined,
    undefined,
    undefined,
  ]);
  channel.port2.postMessage(call(5));

  expect(arrivals.pull()).toBe(true);
  expect(arrivals.pull()).toBe(false);
  expect(all().map(({ id, functionId, isBrief }) => [id, functionId, isBrief])).toEqual([
    [1, 7, false],
    [2, 7, true],
    [3, 7, true],
    [4, 7, true],
    [5, 7, false],
  ]);
  expect(heard).toEqual([[Down.abort, 1, 'a reason', undefined, undefined, undefined]]);
  expect(arrivals.addressOf(7)).toBe('an address');
  expect(arrivals.next).toBeUndefined();
});

test('a call that was taken is not kept, though others have always come by then', async () => {
  arrivals.read(call(1));
  const first = new WeakRef(arrivals.next as Job);
  for (let id = 2; id < 5; id += 1) {
    arrivals.take();
    arrivals.read(call(id));
  }
  await setImmediate();
  collect();

  expect(first.deref()).toBeUndefined();
  expect(arrivals.next?.id).toBe(4);
});

test('a record that nobody knows is told as an error, and those after it are read', () => {
  channel.port2.postMessage([99, 1, undefined, undefined, undefined, undefined, ...call(2)]);
  arrivals.pull();

  expect(heard).toEqual([expect.objectContaining({ message: expect.stringContaining('its tag is 99') as string })]);
  expect(all().map(({ id }) => id)).toEqual([2]);
});
