/** The types of byte streams. Nothing here runs. @module */

import { byteStream, threadedObject } from 'offloop/objects';
import type { ByteStream, ByteStreamer, StreamMode, StreamStatus } from 'offloop/objects';
import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { threaded } from 'offloop';
import { same, typed } from './equal.ts';

const streamer = byteStream('notes.txt', { mode: 'r+', window: 1024, flags: { seekBackward: false } });
typed<ByteStreamer>()(streamer);
byteStream(Buffer.from('notes'));
byteStream(new Uint8Array(5), { mode: 'r+' });
byteStream(new URL('file:///notes.txt'));
// @ts-expect-error bytes, a file or a source
byteStream(5);
// @ts-expect-error there is no such mode
byteStream('notes.txt', { mode: 'rw' });
// @ts-expect-error there is no such flag
byteStream('notes.txt', { flags: { seekable: true } });
// @ts-expect-error a source gives bytes
byteStream({ read: () => 'text' });

byteStream({ read: (position, length) => new Uint8Array(position + length) });
byteStream({ write: async (position, bytes) => void (position + bytes.length), mode: { seekForward: false } });

const stream = await streamer.connect({ readahead: 4096, endOfStream: 'follow', timeout: 5 });
typed<ByteStream>()(stream);
await streamer.connect({ readahead: false });
// @ts-expect-error there is no such end
await streamer.connect({ endOfStream: 'wait' });

typed<Promise<Buffer>>()(stream.recv());
typed<Promise<Buffer>>()(stream.recv(5, { timeout: 0, signal: AbortSignal.timeout(5) }));
typed<Promise<Buffer>>()(stream.read());
typed<Promise<number>>()(stream.send(new Uint8Array(1)));
typed<Promise<void>>()(stream.write(Buffer.from('a'), { timeout: 5 }));
typed<Promise<void>>()(stream.rseek(-2, { from: 'end' }));
typed<Promise<void>>()(stream.wseek(0));
typed<Promise<number>>()(stream.position());
typed<Promise<boolean>>()(stream.waitStatus(['closed', 'failed'], { timeout: 5 }));
typed<StreamMode>()(stream.mode);
typed<StreamStatus>()(stream.status);
// @ts-expect-error text is no bytes
await stream.write('text');
// @ts-expect-error there is no such origin
await stream.rseek(0, { from: 'middle' });
// @ts-expect-error there is no such state
await stream.waitStatus('open');
// @ts-expect-error what a stream may do does not change
stream.mode.readable = true;
// @ts-expect-error the state is not set
stream.status = 'closed';

for await (const chunk of stream) typed<Buffer>()(chunk);
for await (const chunk of stream.chunks({ size: 5, close: false })) typed<Buffer>()(chunk);
typed<ReadableStream<Uint8Array>>()(stream.readableStream());
typed<WritableStream<Uint8Array>>()(stream.writableStream());
typed<Readable>()(stream.nodeReadable());
typed<Writable>()(stream.nodeWritable());
typed<() => void>()(stream.observe({ canRecv() {}, failed: (error) => void error }));
await using _closed = stream;

// A streamer crosses as what it is.
const open = threaded(function open(path: string) {
  return byteStream(path);
});
typed<Promise<ByteStreamer>>()(open('notes.txt'));

class Archive {
  open(name: string, from: ByteStreamer): ByteStreamer {
    return name ? from : byteStream(name);
  }
  async size(from: ByteStreamer): Promise<number> {
    const source = await from.connect();
    return source.position();
  }
}
const archive = await threadedObject(Archive).start();
typed<Promise<ByteStreamer>>()(archive.open('a', streamer));
typed<Promise<number>>()(archive.size(streamer));
// @ts-expect-error the stream itself belongs to its thread
await archive.size(stream);
same<Awaited<ReturnType<typeof streamer.connect>>, ByteStream>();
