/** Byte streams for tests: over ports, over a connection that delays. @module */

import { MessageChannel } from 'node:worker_threads';
import { takeMove } from '../../src/codec/memory/move.ts';
import { fromThread, toThread } from '../../src/codec/sendable.ts';
import { ByteStream } from '../../src/objects/bytes/byte-stream.ts';
import { ByteStreamer } from '../../src/objects/bytes/index.ts';
import { StreamPeer } from '../../src/objects/bytes/peer/stream-peer.ts';
import { limitsOf } from '../../src/objects/bytes/peer/waiters.ts';
import type { OpenableSource } from '../../src/objects/bytes/source/source.ts';
import { Streamer } from '../../src/objects/bytes/streamer/streamer.ts';
import type { Duplex } from '../../src/objects/bytes/wire/duplex.ts';
import { localPair } from '../../src/objects/bytes/wire/local-pair.ts';
import type { ToStream, ToStreamer } from '../../src/objects/bytes/wire/messages.ts';
import { PortDuplex } from '../../src/objects/bytes/wire/port-duplex.ts';

interface Form {
  readonly port: unknown;
}

/** The handle that another thread would get, in this one: its streams talk over ports. */
export function overPorts(streamer: ByteStreamer): ByteStreamer {
  const form = (streamer as unknown as Record<symbol, () => Form>)[toThread]?.() as Form;
  const arrive = (ByteStreamer as unknown as Record<symbol, (form: Form) => ByteStreamer>)[fromThread];
  return arrive?.({ ...form, port: takeMove(form.port)?.value }) as ByteStreamer;
}

/** Delivers what arrives in order, each after as many turns of the event loop as `turns` says. */
function delayed<Out, In>(inner: Duplex<Out, In>, turns: () => number): Duplex<Out, In> {
  let line: Promise<void> = Promise.resolve();
  return {
    memory: inner.memory,
    headroom: inner.headroom,
    post: (message) => inner.post(message),
    close: () => inner.close(),
    listen({ receive, lost }) {
      const later = (deliver: () => void): void => {
        line = afterTurns(line, turns, deliver);
      };
      inner.listen({
        receive: (message) => later(() => receive(message)),
        lost: (cause) => later(() => lost(cause)),
      });
    },
  };
}

async function afterTurns(before: Promise<void>, turns: () => number, deliver: () => void): Promise<void> {
  await before;
  for (let left = turns(); left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
  deliver();
}

/** How the ends of a stream are connected, and after how many turns messages arrive. */
export interface Between {
  readonly carrier: 'local' | 'port';
  readonly turns?: () => number;
  readonly window?: number;
  readonly readahead?: number;
  readonly mostReadahead?: number;
  readonly endOfStream?: 'current' | 'follow';
}

/** A stream, and what makes one end lose the other. */
export interface Connected {
  readonly stream: ByteStream;
  loseStreamer(): void;
  loseStream(): void;
}

export async function connected(source: OpenableSource, between: Between): Promise<Connected> {
  const { carrier, turns = () => 0, window = 1024, endOfStream = 'current' } = between;
  const { readahead = 1024, mostReadahead = readahead } = between;
  const [near, far] = carrier === 'local' ? localPair<ToStreamer, ToStream>() : portPair();
  const peer = new StreamPeer(delayed(near, turns), { readahead, mostReadahead, endOfStream });
  // oxlint-disable-next-line no-new
  new Streamer(source, delayed(far, turns), window);
  await peer.untilStatus(peer.connected, limitsOf('test'), 'the connection');
  return { stream: new ByteStream(peer), loseStreamer: () => far.close(), loseStream: () => near.close() };
}

function portPair(): [Duplex<ToStreamer, ToStream>, Duplex<ToStream, ToStreamer>] {
  const { port1, port2 } = new MessageChannel();
  return [new PortDuplex(port1), new PortDuplex(port2)];
}
