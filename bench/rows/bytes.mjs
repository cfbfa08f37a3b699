/** A `Uint8Array` there and back: cloned, transferred, and over shared memory. @module */

import { equal } from 'node:assert/strict';
import { bare, oneByOne } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const KiB = 1024;
const fill = 7;
const sizes = [
  { name: '64 KiB', size: 64 * KiB, clones: 1000, cloned: 1 },
  { name: '1 MiB', size: 1024 * KiB, clones: 200, cloned: 0.85 },
  { name: '8 MiB', size: 8192 * KiB, clones: 20, cloned: 0.4 },
];

/** The ways to send an array: its memory, how it is sent, which array is sent next, and what the sender keeps. */
const ways = {
  cloned: {
    memory: ArrayBuffer,
    send: (peer) => peer.job('stamp'),
    following: (sent) => sent,
    left: (sent) => sent[0] === fill,
  },
  transferred: {
    memory: ArrayBuffer,
    send: (peer) => peer.moving,
    following: (sent, answer) => answer,
    left: (sent) => sent.length === 0,
  },
  shared: {
    memory: SharedArrayBuffer,
    send: (peer) => peer.job('stamp'),
    following: (sent) => sent,
    left: (sent, answer) => sent[0] === answer[0],
  },
};

const row = ({ name, size, clones }, way, most) => ({
  name: `${name} ${way}`,
  unit: 'µs',
  rounds: 5,
  contestants: oneByOne,
  size: way === 'cloned' ? clones : 1000,
  quickSize: way === 'cloned' ? clones / 4 : 250,
  says: (calls) => `${calls} times there and back, one after the other`,
  targets: [...(most ? [{ against: 'best peer', most }] : []), { figure: 'cpu', against: bare, most: 2 }],
  can: (peer) => way !== 'transferred' || peer.moving !== undefined,
  async round(peer, calls, { leadIn }) {
    const { memory, send, following, left } = ways[way];
    const call = send(peer);
    // After a clone, the sender sends its own array again; in the other two ways, the returned one.
    const stampsAt = (i) => (way === 'cloned' ? 1 : i + 1);
    const work = async (count) => {
      let sent = new Uint8Array(new memory(size)).fill(fill);
      let answer;
      for (let i = 0; i < count; i += 1) {
        answer = await call(sent);
        equal(isStamped(answer, size, stampsAt(i)), true, 'The array has not been in the thread');
        equal(left(sent, answer), true, `The array was not ${way}`);
        sent = following(sent, answer);
      }
      return answer;
    };
    await lead(leadIn, calls, work);
    const { time, cpu, value } = await measure(() => work(calls));

    const untouched = Buffer.alloc(size - 2, fill);
    equal(untouched.equals(value.subarray(1, -1)), true, 'The array came back with other bytes');
    return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
  },
});

/** Whether the thread has changed both ends of the array, `times` times. */
function isStamped(bytes, size, times) {
  const end = (fill + times) % 256;
  return bytes.length === size && bytes[0] === end && bytes[size - 1] === end;
}

export const bytes = [
  ...sizes.map((size) => row(size, 'cloned', size.cloned)),
  ...sizes.map((size) => row(size, 'transferred', 1.05)),
  ...sizes.map((size) => row(size, 'shared')),
];
