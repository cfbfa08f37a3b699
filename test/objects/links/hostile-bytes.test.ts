/** A peer that does with a byte stream what it may not. @module */

import { afterEach, describe, expect, test } from 'vitest';
import { Latch } from '../../../src/base/latch.ts';
import { toBytes } from '../../../src/codec/bytes/bytes.ts';
import { byteStream, link } from '../../../src/objects/index.ts';
import type { ByteStreamer, Link } from '../../../src/objects/index.ts';
import { frameOf, Kind, targetFrame } from '../../../src/objects/links/frames/frame.ts';
import { Played } from './played.ts';

let links: Link<never>[] = [];
afterEach(async () => {
  for (const it of links.splice(0)) await it.close();
  links = [];
});

function played(gateway: object): { other: Played; ours: Link<{ file(): ByteStreamer }> } {
  const other = new Played();
  const ours = link<{ file(): ByteStreamer }>(other, gateway, { closeTimeout: 20 });
  links.push(ours as unknown as Link<never>);
  other.hello();
  return { other, ours };
}

/** The bytes of a list with a live value of the other side. */
const live = (form: object, isList = true): Uint8Array =>
  toBytes(isList ? [() => 1] : () => 1, {
    exportLive: (it) => (typeof it === 'function' ? form : undefined),
  });

describe('a peer that writes', () => {
  const open = {
    kind: 'open',
    context: 1,
    direction: 'write',
    position: 0,
    from: 'absolute',
    at: 0,
    room: 0,
    follows: false,
  };

  test.each([
    ['more than it may', { kind: 'data', context: 1, bytes: new Uint8Array(2000) }, 1],
    ['and asks without end', { kind: 'flush', context: 1 }, 100],
  ])('%s loses the stream, and its source is closed', async (_, message, times) => {
    const closed = new Latch();
    let written = 0;
    const source = {
      write: (_position: number, bytes: Uint8Array) => void (written += bytes.length),
      close: () => closed.open(),
    };
    const { other, ours } = played({ file: () => byteStream(source, { window: 1000 }) });
    other.play(targetFrame(Kind.call, 1, 0, 'file', toBytes([])));
    other.play(targetFrame(Kind.call, 2, 1, 'connect', live({ id: 9, kind: 'function' })));
    await expect.poll(() => other.of(Kind.result).length).toBe(2);
    const post = (it: object): void => other.play(targetFrame(Kind.call, 0, 2, '', toBytes([it])));
    const heard = (kind: string | undefined): boolean =>
      other.bodies(Kind.call).some((args) => (args as { kind?: string }[])[0]?.kind === kind);
    await expect.poll(() => heard('connected')).toBe(true);
    post(open);
    await expect.poll(() => heard('opened')).toBe(true);

    post({ kind: 'data', context: 1, bytes: new Uint8Array(600) });
    await expect.poll(() => written).toBe(600);
    for (let i = 0; i < times; i += 1) post(message);
    await closed.opened;
    expect([written, heard(undefined), ours.status]).toEqual([600, true, 'connected']);
  });
});

describe('a peer that is read from', () => {
  test('and sends more than it was asked for fails the stream', async () => {
    const { other, ours } = played({});
    const last = (): number => other.of(Kind.call).at(-1)?.id ?? 0;
    const streamer = ours.peer.file();
    const mode = { readable: true, seekForward: true, seekBackward: true };
    other.play(frameOf(Kind.result, last(), live({ id: 5, kind: 'bytes', mode }, false)));
    const connecting = (await streamer).connect({ readahead: 100 });
    await expect.poll(() => other.of(Kind.call).at(-1)?.name).toBe('connect');
    const receiver = 1;
    other.play(frameOf(Kind.result, last(), live({ id: 6, kind: 'function' }, false)));
    const post = (message: object): void => other.play(targetFrame(Kind.call, 0, receiver, '', toBytes([message])));
    post({ kind: 'connected', mode, position: 0 });
    const stream = await connecting;

    const reading = stream.read(50);
    await expect.poll(() => other.of(Kind.call).at(-1)?.target).toBe(6);
    post({ kind: 'opened', context: 1, position: 0, limit: 100 });
    other.play(targetFrame(Kind.bytes, 1, receiver, '', new Uint8Array(60).fill(3)));
    expect([...(await reading)]).toEqual(Array.from({ length: 50 }, () => 3));
    other.play(targetFrame(Kind.bytes, 1, receiver, '', new Uint8Array(1000)));
    await expect(stream.read(1000)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_DISCONNECTED',
      cause: { code: 'ERR_OFFLOOP_BYTES' },
    });
    expect(ours.status).toBe('connected');
  });
});
