/** However the bytes of a source are cut into chunks, the events are the same. @module */

import * as fc from 'fast-check';
import { httpEvents } from 'offloop/sources';
import { describe, expect, test } from 'vitest';
import { NdjsonReader } from '../../dist/src/sources/ndjson-reader.js';
import type { Reader } from '../../dist/src/sources/ndjson-reader.js';
import { loadParser, SseReader } from '../../dist/src/sources/sse-reader.js';
import { eventServer } from '../support/event-server.ts';
import { tries } from '../support/full.ts';
import { take } from '../support/take.ts';

type Format = 'ndjson' | 'sse';

const parser = await loadParser();

/** What comes of a response with these chunks: events, the code of the failure, and where to go on. */
function read(chunks: readonly Uint8Array[], format: Format): unknown {
  const options = { name: 'a source', maxLength: 64, parse: undefined, isPing: undefined, item: undefined };
  const position = { lastEventId: '', retry: undefined };
  const reader: Reader<object> =
    format === 'sse' ? new SseReader(parser, position, options) : new NdjsonReader(options);
  const events: object[] = [];
  const takeAll = (): boolean => {
    for (let event = reader.take(); event; event = reader.take()) events.push(event);
    return reader.failure === undefined;
  };
  const isWhole = chunks.every((chunk) => {
    reader.feed(chunk);
    return takeAll();
  });
  if (isWhole) {
    reader.finish(true);
    takeAll();
  }
  return {
    events,
    position,
    isGood: reader.isGood,
    code: (reader.failure?.error as { code?: string } | undefined)?.code,
  };
}

/** Cuts `bytes` after each of these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.slice(at[i], end));
}

/** Parts of which each is likely to end up on both sides of a cut. */
const parts: Readonly<Record<Format, readonly string[]>> = {
  ndjson: ['{"a":"ö€😀"}', '1', 'null', '"x"', '\n', '\r\n', '\n\n', ' ', '{', '\uFEFF', '\u2028', 'x'.repeat(65)],
  sse: [
    'data: ö€😀',
    'data',
    'event: x',
    'event: ping',
    'id: 7',
    'id: ü',
    'retry: 9',
    ': c',
    '\n',
    '\r\n',
    '\n\n',
    '\r',
    '\r\r',
    '\uFEFF',
    ' ',
  ],
};

const bytesOf = (format: Format): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...parts[format]).map((text) => new TextEncoder().encode(text)) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }) },
      ),
      { maxLength: 24 },
    )
    .map((pieces) => new Uint8Array(Buffer.concat(pieces)));

describe.each(['ndjson', 'sse'] as const)('a source of %s', (format) => {
  test('gives the same for any cut of any bytes', () => {
    const cuts = fc.array(fc.nat(400), { maxLength: 12 });
    fc.assert(
      fc.property(bytesOf(format), cuts, (bytes, places) => {
        expect(read(cut(bytes, places), format)).toEqual(read([bytes], format));
      }),
      { numRuns: tries(9000) },
    );
  });

  test('gives the same byte by byte', () => {
    fc.assert(
      fc.property(bytesOf(format), (bytes) => {
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        expect(read(single, format)).toEqual(read([bytes], format));
      }),
      { numRuns: tries(3000) },
    );
  });

  test('gives the same over a network, whose chunks end anywhere', async () => {
    const isSse = format === 'sse';
    const bytes = Buffer.from(isSse ? 'id: ü\r\ndata: ö€😀\r\n\r\ndata: €\n\n' : '{"a":"ö€😀"}\n\n"€"\r\n');
    const type = isSse ? 'text/event-stream' : 'application/x-ndjson';
    const { url } = await eventServer(async (response) => {
      response.writeHead(200, { 'content-type': type }).flushHeaders();
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });

    expect(await take(httpEvents(url, { retry: false }))).toMatchObject(
      format === 'sse'
        ? [
            { data: 'ö€😀', id: 'ü' },
            { data: '€', id: 'ü' },
          ]
        : [{ data: { a: 'ö€😀' } }, { data: '€' }],
    );
  });
});
