/** The transport over a port: its messages come in order, however they are received. @module */

import { expect, test } from 'vitest';
import { endOf } from '../../src/wire/transport.ts';
import { wireEnds } from '../../src/wire/wire.ts';

test('messages that are taken, and those that the event loop gives, come in one order', async () => {
  const ends = wireEnds();
  const [near, far] = [endOf(ends.near).transport, endOf(ends.far).transport];
  const received: unknown[] = [];
  const answers: unknown[] = [];
  const unreadable = (error: unknown): unknown => received.push(error);
  const count = 500;

  await new Promise<void>((resolve) => {
    const send = (first: number): void => {
      for (let number = first; number <= first + (first % 5) && number < count; number += 1) near.post([number], []);
    };
    near.listen({ receive: ([answer]) => void answers.push(answer), unreadable });
    const receive = ([number]: unknown[]): void => {
      received.push(number);
      far.post([number], []);
      if (received.length === count) resolve();
    };
    // Takes what follows a few microtasks later, when a runtime may have the next message on its way to an event.
    const receiveLater = async (message: unknown[]): Promise<void> => {
      receive(message);
      for (let i = 0; i < received.length % 8; i += 1) await Promise.resolve();
      far.take({ receive, unreadable });
      send(Number(received.at(-1)) + 1);
    };
    far.listen({ receive: (message) => void receiveLater(message), unreadable });
    near.hold();
    send(0);
  });
  near.close();

  expect(received).toEqual(Array.from({ length: count }, (_, number) => number));
});
