/** Calls and bytes over links, beside the bare connection. @module */

import { equal } from 'node:assert/strict';
import { bareComlink, bareSocket, callsOverSockets, overPorts, overSockets } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const mebibyte = 2 ** 20;

const calls = (name, contestants, targets, says) => ({
  name,
  unit: 'µs',
  warmUps: 2,
  rounds: 9,
  size: 3000,
  quickSize: 500,
  contestants,
  targets,
  says: (count) => `${count} calls that give their argument back, each awaited before the next, ${says}`,
  async round(peer, count, { leadIn }) {
    const work = async (some) => {
      let sum = 0;
      for (let i = 0; i < some; i += 1) sum += await peer.echo(i);
      return sum;
    };
    await lead(leadIn, count, work);
    const { time, cpu, value } = await measure(() => work(count));

    equal(value, (count * (count - 1)) / 2);
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

const bytes = {
  name: 'bytes over a WebSocket',
  unit: 'µs',
  cpuUnit: 'CPU µs a MiB',
  warmUps: 2,
  rounds: 7,
  size: 128,
  quickSize: 32,
  contestants: overSockets,
  targets: [{ against: bareSocket, most: 1.18 }],
  says: (size) => `${size} MiB from a thread over a loopback WebSocket, per MiB`,
  async round(peer, length, { leadIn }) {
    const read = (some) => peer.read(Math.ceil(some) * mebibyte);
    await lead(leadIn, length, read);
    const { time, cpu, value } = await measure(() => read(length));

    equal(value, length * mebibyte);
    return { figure: (time * 1000) / length, cpu: (cpu * 1000) / length, answers: length };
  },
};

export const links = [
  calls('call over a WebSocket', callsOverSockets, [{ against: bareSocket, most: 1.18 }], 'over a loopback WebSocket'),
  bytes,
];

export const linksOverPorts = [
  calls('call over a port', overPorts, [{ against: bareComlink, most: 1 }], 'over a port to a thread'),
];
