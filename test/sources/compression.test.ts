/** Sources whose server compresses what it sends. @module */

import * as zlib from 'node:zlib';
import { httpEvents } from 'offloop/sources';
import { fetch as undiciFetch } from 'undici';
import { describe, expect, test, vi } from 'vitest';
import { eventServer } from '../support/event-server.ts';
import { untilThrown } from '../support/items.ts';
import { take } from '../support/take.ts';

const coded = (code: string, more: object = {}): object => expect.objectContaining({ code, ...more }) as object;
const event = (data: unknown): object => ({ type: 'event', data });

/** Not each version of Node.js has `zstd`, nor has each `fetch`: that of `undici` decompresses what the zlib here can. */
const { createZstdCompress } = zlib as unknown as Partial<{ createZstdCompress(): zlib.Gzip }>;
const compressors: Readonly<Record<string, () => zlib.Gzip>> = {
  gzip: zlib.createGzip,
  deflate: zlib.createDeflate,
  br: zlib.createBrotliCompress,
  ...(createZstdCompress ? { zstd: createZstdCompress } : {}),
};

describe('httpEvents of a compressed response', () => {
  test.each(Object.keys(compressors))('gives events before its end: %s', async (coding) => {
    const { url, open } = await eventServer((response) => {
      response.writeHead(200, { 'content-encoding': coding });
      const zip = compressors[coding]?.() as zlib.Gzip;
      zip.pipe(response);
      zip.write('{"n":1}\n');
      // Brotli and Zstandard have numbers of their own for that.
      zip.flush(coding === 'br' || coding === 'zstd' ? 1 : zlib.constants.Z_SYNC_FLUSH);
    });
    const fetch = coding === 'zstd' ? (undiciFetch as unknown as typeof globalThis.fetch) : undefined;

    expect(await take(httpEvents(url, { retry: false, fetch }), 1)).toEqual([event({ n: 1 })]);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test.each([
    ['gzip', '1f8b08000000000000ff'],
    ['zstd', '28b52ffd200f790000'],
  ])('is a failure where nobody has decompressed it: %s', async (coding, begin) => {
    for (const type of ['text/event-stream', 'application/x-ndjson']) {
      // A coding that no fetch knows: it hands the bytes on as they are.
      const { url } = await eventServer((response) => {
        response.writeHead(200, { 'content-type': type, 'content-encoding': 'unknown' });
        response.write(Buffer.concat([Buffer.from(begin, 'hex'), Buffer.from('id: 1\ndata: a\n\n')]));
      });
      const { list, thrown } = await untilThrown(httpEvents(url, { retry: false }));

      expect([list, thrown]).toEqual([[], coded('ERR_OFFLOOP_SOURCE')]);
      expect((thrown as Error).message).toContain(`compressed by ${coding}`);
    }
  });
});
