/** Byte streams: files, bytes and other sources that are read, written and sought from elsewhere. @module */

export { ByteStream } from './byte-stream.ts';
export type { ChunksOptions, SeekOptions } from './stream-options.ts';
export { ByteStreamer } from './byte-streamer.ts';
export type { ConnectOptions } from './connect-options.ts';
export { byteStream } from './make.ts';
export type { ByteStreamOptions } from './make.ts';
export type { StreamMode } from './mode.ts';
export type { StreamObserver } from './peer/observers.ts';
export type { StreamStatus } from './peer/status.ts';
export type { FileMode } from './source/file-source.ts';
export type { ByteSource } from './source/source.ts';
export type { EndOfStream, Origin } from './wire/messages.ts';
