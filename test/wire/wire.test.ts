/** What keeps the process alive while a call is out: the port, and once that has closed, the thread. @module */

import { expect, test } from 'vitest';
import { cellCount } from '../../src/wire/control.ts';
import type { Transport } from '../../src/wire/transport.ts';
import { Wire } from '../../src/wire/wire.ts';

/** A transport and a thread that note what holds the process, and how the transport closes. */
function ends({ tells }: { tells: boolean }): { wire: Wire; held: Set<string>; close(): void } {
  const held = new Set<string>();
  let close = (): void => undefined;
  const transport: Transport = {
    post: () => undefined,
    listen: () => undefined,
    take: () => false,
    hold: () => void held.add('port'),
    release: () => void held.delete('port'),
    close: () => undefined,
    ...(tells && { onClose: (action: () => void) => void (close = action) }),
  };
  const listener = { receive: () => undefined, unreadable: () => undefined };
  const wire = new Wire({ transport, control: new Int32Array(new SharedArrayBuffer(cellCount * 4)) }, listener);
  wire.attach({ threadId: 1, ref: () => void held.add('thread'), unref: () => void held.delete('thread') });
  return { wire, held, close: () => close() };
}

test('a port that tells when it closes is held alone, and the thread from then on until its end is known', () => {
  const { wire, held, close } = ends({ tells: true });

  wire.hold();
  expect([...held]).toEqual(['port']);
  close();
  expect(held).toContain('thread');
  wire.release();
  expect([...held]).toEqual([]);
  wire.close();
});

test('a thread that was told to end, and keeps the process alive by itself, is not let go when its port closes', () => {
  const { wire, held, close } = ends({ tells: true });
  wire.hold();
  wire.release();
  // What Node.js does when a thread is terminated.
  held.add('thread');
  close();

  expect([...held]).toEqual(['thread']);
  wire.close();
});

test('beside a transport that may close unseen, the thread is held as well', () => {
  const { wire, held } = ends({ tells: false });

  wire.hold();
  expect([...held]).toEqual(['port', 'thread']);
  wire.release();
  expect([...held]).toEqual([]);
  wire.close();
});
