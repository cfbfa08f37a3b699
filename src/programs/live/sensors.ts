/** The stream that the live demo reads: sensors of a house, which hang up now and then. @module */

import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { listening } from './listening.ts';
import type { Listening } from './listening.ts';

/** A line of the stream. */
export interface Reading {
  readonly room: string;
  readonly celsius: number;
}

/** The rooms, each with the temperature around which it varies. */
const rooms = { kitchen: 22, bedroom: 18, cellar: 12, attic: 27 } as const;

/** How often lines are sent, and how many of each room, in milliseconds and lines. */
const interval = 5;
const perRoom = 2;

/** How long a connection lasts, in milliseconds: the demo shows what becomes of one that is cut. */
const lifetime = 8000;

/** Serves the readings of all rooms as lines of JSON, on a port of the loopback interface. */
export async function startSensors(): Promise<Listening> {
  return listening(
    createServer((_, response) => send(response)),
    0,
  );
}

function send(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const start = performance.now();
  const timer = setInterval(() => {
    const time = performance.now() - start;
    if (time > lifetime) response.destroy();
    // What a reader has no room for is not sent: a sensor keeps nothing.
    else if (!response.writableNeedDrain) response.write(linesAt(Date.now()));
  }, interval);
  response.once('close', () => clearInterval(timer));
}

function linesAt(time: number): string {
  const lines = Object.entries(rooms).flatMap(([room, mean], index) =>
    Array.from({ length: perRoom }, () => {
      const wave = Math.sin(time / 3000 + index * 2);
      const celsius = Number((mean + 2 * wave + noise()).toFixed(3));
      return `${JSON.stringify({ room, celsius } satisfies Reading)}\n`;
    }),
  );
  return lines.join('');
}

/** Around 0, and seldom far from it. */
function noise(): number {
  return Math.random() + Math.random() + Math.random() - 1.5;
}
