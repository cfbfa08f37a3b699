import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importPeer, loadPeer } from '../../dist/src/base/peer.js';
import type { Peer } from '../../dist/src/base/peer.js';
import { project } from '../support/project.ts';

const peer = { name: 'some-peer', from: [3, 1], below: 5, use: 'a part' } as const;

/** A module of a program that has this version of the package, or none. */
function moduleWith(version?: string, code = 'export const answer = 42;'): string {
  const files = {
    'node_modules/some-peer/package.json': JSON.stringify({
      name: 'some-peer',
      version,
      type: 'module',
      exports: './it.js',
    }),
    'node_modules/some-peer/it.js': code,
  };
  return join(project(version === undefined ? {} : files), 'main.js');
}

const refusal = (words: string): object =>
  expect.objectContaining({ code: 'ERR_OFFLOOP_PEER', message: expect.stringContaining(words) as string }) as object;

describe('a package that only some users need', () => {
  test.each(['3.1.0', '4.99.9'])('is loaded in version %s', async (version) => {
    expect(await importPeer(peer, moduleWith(version))).toMatchObject({ answer: 42 });
  });

  test('is asked for with its command where it is missing', async () => {
    const from = moduleWith();

    await expect(importPeer(peer, from)).rejects.toEqual(refusal('not installed. Run npm install some-peer@^3.1'));
    expect(() => loadPeer(peer, from)).toThrow(refusal('Cannot use a part'));
  });

  test.each(['3.0.9', '5.0.0'])('is refused in version %s', async (version) => {
    await expect(importPeer(peer, moduleWith(version))).rejects.toEqual(refusal(`below 5.0, found ${version}`));
  });

  test('that cannot be loaded says why', async () => {
    const from = moduleWith('3.2.0', "throw new Error('no such CPU');");

    await expect(importPeer(peer, from)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_PEER',
      cause: { message: 'no such CPU' },
    });
  });

  test('is looked up once for the library itself, not at each use', async () => {
    const ws = { name: 'ws', from: [8, 18], below: 9, use: 'a part' } as Peer & { below: number };
    const module = loadPeer(ws);
    ws.below = 1;

    expect(loadPeer(ws)).toBe(module);
    expect(await importPeer(ws)).toBe(module);
  });
});
