/** Random reads, writes, seeks, truncations and flushes give the bytes that the same steps give in a plain buffer. @module */

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { ByteStream } from '../../../src/objects/bytes/index.ts';
import { fileSource } from '../../../src/objects/bytes/source/file-source.ts';
import { memorySource } from '../../../src/objects/bytes/source/memory-source.ts';
import { connected } from '../../support/byte-streams.ts';
import { fileWith } from '../../support/files.ts';
import type { Between } from '../../support/byte-streams.ts';
import { tries } from '../../support/full.ts';

/** The bytes, where they begin, and where the stream is. */
interface Model {
  bytes: Buffer;
  start: number;
  position: number;
  direction: 'read' | 'write' | undefined;
}

/** What a call gives: bytes, a number, nothing, or the code of its error. */
type Outcome = string | number | undefined;

interface Step {
  readonly words: string;
  run(stream: ByteStream): Promise<Outcome>;
  model(of: Model): Outcome;
}

const refused = 'ERR_OFFLOOP_POSITION';
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Writes at the position, beyond the end too; gives the position after it. */
function written(of: Model, bytes: Uint8Array): number {
  const end = of.position + bytes.length;
  if (end > of.bytes.length) of.bytes = Buffer.concat([of.bytes, Buffer.alloc(end - of.bytes.length)]);
  of.bytes.set(bytes, of.position);
  of.direction = 'write';
  return (of.position = end);
}

/** What reading gives the model, and where it leaves it. */
function taken(of: Model, length: number): string {
  if (of.position < of.start) return refused;
  const part = of.bytes.subarray(of.position, Math.min(of.bytes.length, of.position + length));
  of.position += part.length;
  of.direction = 'read';
  return hex(part);
}

const size = fc.oneof(fc.nat(8), fc.nat(300), fc.nat(5000));
const chunk = fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ minLength: 500, maxLength: 3000 }));
const origin = fc.constantFrom('absolute' as const, 'start' as const, 'end' as const, 'current' as const);

const steps: fc.Arbitrary<Step> = fc.oneof(
  size.map((length) => ({
    words: `read ${length}`,
    run: async (stream: ByteStream) => hex(await stream.read(length)),
    model: (of: Model) => taken(of, length),
  })),
  // How many bytes come is open, so reading goes on until there are as many.
  size.map((length) => ({
    words: `recv up to ${length}`,
    async run(stream: ByteStream) {
      const parts: Buffer[] = [];
      for (let left = length; left > 0;) {
        const part = await stream.recv(left);
        if (part.length > left) return 'too many';
        if (part.length === 0) break;
        parts.push(part);
        left -= part.length;
      }
      // Nothing was asked for, so the direction has not changed.
      return length === 0 ? hex(await stream.read(0)) : hex(Buffer.concat(parts));
    },
    model: (of: Model) => taken(of, length),
  })),
  fc.record({ length: size, turns: fc.nat(6) }).map(({ length, turns }) => ({
    words: `give up to read ${length}, after ${turns} turns, and read it`,
    async run(stream: ByteStream) {
      const first = await givenUp(turns, (signal) => stream.read(length, { signal }));
      return hex(first ?? (await stream.read(length)));
    },
    model: (of: Model) => taken(of, length),
  })),
  size.map((length) => ({
    words: `take of ${length + 1} what has come, and read the others`,
    async run(stream: ByteStream) {
      const first = await stream.recv(length + 1, { timeout: 0 }).catch((error: unknown) => {
        if ((error as { code?: string }).code === 'ERR_OFFLOOP_TIMEOUT') return Buffer.alloc(0);
        throw error;
      });
      return hex(Buffer.concat([first, await stream.read(length + 1 - first.length)]));
    },
    model: (of: Model) => taken(of, length + 1),
  })),
  fc.record({ bytes: chunk, turns: fc.nat(6) }).map(({ bytes, turns }) => ({
    words: `give up to write ${bytes.length}, after ${turns} turns, and write the others`,
    async run(stream: ByteStream) {
      const from = await stream.position();
      await givenUp(turns, (signal) => stream.write(bytes, { signal }));
      const sent = (await stream.position()) - from;
      await stream.write(bytes.subarray(sent));
      return stream.position();
    },
    model: (of: Model) => written(of, bytes),
  })),
  chunk.map((bytes) => ({
    words: `write ${bytes.length}`,
    async run(stream: ByteStream) {
      await stream.write(bytes);
      return stream.position();
    },
    model: (of: Model) => written(of, bytes),
  })),
  chunk.map((bytes) => ({
    words: `send ${bytes.length} by parts, and change them`,
    async run(stream: ByteStream) {
      const own = Buffer.from(bytes);
      for (let sent = 0; sent < own.length;) {
        const count = await stream.send(own.subarray(sent));
        own.fill(0, sent, sent + count);
        sent += count;
      }
      if (own.length === 0) await stream.send(own);
      return stream.position();
    },
    model: (of: Model) => written(of, bytes),
  })),
  fc
    .record({
      to: fc.constantFrom('rseek' as const, 'wseek' as const, 'seek' as const),
      offset: fc.integer({ min: -60, max: 400 }),
      from: origin,
    })
    .map(({ to, offset, from }) => ({
      words: `${to} ${offset} from ${from}`,
      async run(stream: ByteStream) {
        await stream[to](offset, { from });
        return stream.position();
      },
      model(of: Model) {
        const base = { absolute: 0, start: of.start, end: of.bytes.length, current: of.position }[from];
        const position = base + offset;
        if (position < of.start || position > of.bytes.length) return refused;
        if (to !== 'seek') of.direction = to === 'rseek' ? 'read' : 'write';
        else of.direction ??= 'read';
        return (of.position = position);
      },
    })),
  fc.constant({
    words: 'truncateAfter',
    async run(stream: ByteStream) {
      await stream.truncateAfter();
      return stream.position();
    },
    model(of: Model) {
      if (of.direction !== 'write') return 'ERR_OFFLOOP_MODE';
      of.bytes = of.bytes.subarray(0, of.position);
      return of.position;
    },
  }),
  fc.constant({
    words: 'flush',
    run: (stream: ByteStream) => stream.flush().then(() => undefined),
    model: () => undefined,
  }),
  fc.constantFrom(0, 3, 200, 2000).map((readahead) => ({
    words: `read ahead by ${readahead}`,
    async run(stream: ByteStream) {
      if (readahead === 0) stream.disableReadahead();
      else stream.enableReadahead(readahead);
      return undefined;
    },
    model: () => undefined,
  })),
);

/** What only bytes in memory can do. */
const before: fc.Arbitrary<Step> = fc.constant({
  words: 'truncateBefore',
  async run(stream: ByteStream) {
    await stream.truncateBefore();
    return stream.position();
  },
  model(of: Model) {
    if (of.direction !== 'write') return 'ERR_OFFLOOP_MODE';
    of.start = of.position;
    return of.position;
  },
});

/** The result of a call that is given up after so many turns of microtasks; `undefined` if it was given up before it was done. */
async function givenUp<T>(turns: number, call: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const control = new AbortController();
  const reason = new Error('given up');
  const outcome = call(control.signal).catch((error: unknown) => {
    if (error !== reason) throw error;
    return undefined;
  });
  for (let i = 0; i < turns; i += 1) await Promise.resolve();
  control.abort(reason);
  return outcome;
}

/** Delays from a list, over and over. */
function turnsOf(delays: readonly number[]): () => number {
  let at = 0;
  return () => delays[(at += 1) % delays.length] ?? 0;
}

const settings = fc.record({
  carrier: fc.constantFrom('local' as const, 'port' as const),
  window: fc.constantFrom(1, 7, 64, 4096),
  readahead: fc.constantFrom(0, 1, 50, 4096),
  delays: fc.array(fc.nat(4), { minLength: 1, maxLength: 6 }),
  isAwaited: fc.boolean(),
});

const streams = new Set<ByteStream>();
afterEach(async () => {
  for (const stream of streams) await stream.close().catch(() => undefined);
  streams.clear();
});

const orCode = (it: Promise<Outcome>): Promise<Outcome> =>
  it.catch((error: unknown) => (error as { code?: string }).code ?? String(error));

describe('a byte stream', () => {
  test.each([
    ['of a file', (bytes: Uint8Array) => fileWith(bytes)],
    ['of bytes', () => undefined],
  ])('%s does what the same steps do in a buffer', async (_name, makeFile) => {
    const all = fc.array(makeFile(new Uint8Array()) === undefined ? fc.oneof(steps, before) : steps, { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), all, settings, async (begin, plan, how) => {
        const path = makeFile(begin);
        const source = path === undefined ? memorySource(begin, 'r+') : fileSource(path, 'r+');
        const { delays, isAwaited, ...rest } = how;
        const between: Between = { ...rest, turns: turnsOf(delays) };
        const { stream } = await connected(source, between);
        streams.add(stream);
        const of: Model = { bytes: Buffer.from(begin), start: 0, position: 0, direction: undefined };

        const wanted = plan.map((step) => `${step.words}: ${step.model(of)}`);
        const found: string[] = [];
        if (isAwaited) for (const step of plan) found.push(`${step.words}: ${await orCode(step.run(stream))}`);
        else found.push(...(await inOrder(plan, stream)));
        expect(found).toEqual(wanted);

        await stream.flush().catch(() => undefined);
        await stream.rseek(0, { from: 'start' });
        expect(hex(await stream.read())).toBe(hex(of.bytes.subarray(of.start)));
        await stream.close();
        streams.delete(stream);
        if (path !== undefined) expect(hex(readFileSync(path))).toBe(hex(of.bytes));
      }),
      { numRuns: tries(600) },
    );
  });
});

/** Makes the calls that are one call without waiting for them; others have several steps, which have to be awaited. */
async function inOrder(plan: readonly Step[], stream: ByteStream): Promise<string[]> {
  const isOne = ({ words }: Step): boolean => /^(?:read \d|flush)/.test(words);
  const found: string[] = [];
  let pending: Promise<string>[] = [];
  for (const step of plan) {
    const outcome = orCode(step.run(stream)).then((it) => `${step.words}: ${it}`);
    pending.push(outcome);
    if (isOne(step)) continue;
    found.push(...(await Promise.all(pending)));
    pending = [];
  }
  return [...found, ...(await Promise.all(pending))];
}
