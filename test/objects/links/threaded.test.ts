/** Objects that live in threads, used over a link. @module */

import { linkPair } from 'offloop/objects';
import type { Peer } from 'offloop/objects';
import { expect, test } from 'vitest';
import { controls, Sorter } from '../../fixtures/objects/sorter.mjs';

test('a link exposes an object that lives in a thread, and returns one', async () => {
  const sorter = await Sorter.start('Bea');
  const [left] = linkPair({}, sorter);
  const peer = left.peer as unknown as Peer<{
    add(name: string): number;
    sorted(): string[];
    size: number;
    names: string[];
  }>;
  const [other] = linkPair({}, { open: () => sorter });

  expect(await peer.add('Ada')).toBe(2);
  expect(await peer.sorted()).toEqual(['Ada', 'Bea']);
  expect(await peer.size).toBe(2);
  await expect(peer.names.catch((error: unknown) => error)).resolves.toMatchObject({ code: 'ERR_OFFLOOP_NOT_FOUND' });
  const opened = (await other.peer.open()) as unknown as typeof peer;
  expect(await opened.add('Cid')).toBe(3);
  await Promise.all([left.close(), other.close()]);
  await controls(sorter).release();
});
