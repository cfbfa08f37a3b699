/** Frames over the channel between a process and its child. @module */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { IpcCarrier } from '../../../../src/objects/links/carriers/ipc.ts';
import { fixture } from '../../../support/run.ts';

test('a frame that is being sent when the carrier closes arrives, and then the channel ends', async () => {
  const child = fork(fixture('links/receiving.mjs'), { silent: true });
  const said = text(child.stdout as Readable);
  await once(child, 'spawn');
  const carrier = new IpcCarrier(child, Infinity);
  carrier.send(new Uint8Array(6_000_000));
  carrier.close();
  carrier.send(new Uint8Array(3));

  expect(await said).toBe('8000000\n');
  expect(child.connected).toBe(false);
});
