/** Codecs. @module */

import avro from 'avsc';
import { codec, decoding, flow, jsonCodec } from 'offloop/flow';
import type { Codec } from 'offloop/flow';
import { StreamEvent } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../fixtures/jobs/flowing.mjs';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const text = (of: string): Uint8Array => new TextEncoder().encode(of);

describe('jsonCodec', () => {
  test.each([{ msg: '🐟' }, [1, null, 'two'], null, 0, '', true])('encodes and decodes %j', (value) => {
    const json = jsonCodec();
    const bytes = json.encode(value) as Uint8Array;

    expect(Buffer.from(bytes).toString()).toBe(JSON.stringify(value));
    expect(json.decode(bytes)).toEqual(value);
  });

  test.each([undefined, () => 1, Symbol('s'), 1n])('refuses %s, which JSON has no form for', (value) => {
    expect(() => jsonCodec().encode(value)).toThrow(coded('ERR_OFFLOOP_CODEC'));
  });

  test('refuses bytes that are no text', () => {
    expect(() => jsonCodec().decode(new Uint8Array([0x22, 0xff, 0x22]))).toThrow(coded('ERR_OFFLOOP_CODEC'));
  });
});

describe('a codec', () => {
  interface Emoji {
    readonly name: string;
    readonly rank: number;
  }

  /** Avro messages by a schema. */
  const avroCodec = (schema: avro.Schema): Codec<Emoji> => {
    const type = avro.Type.forSchema(schema);
    return codec<Emoji>({
      encode: (value) => type.toBuffer(value),
      decode: (bytes) => type.fromBuffer(Buffer.from(bytes)) as Emoji,
    });
  };
  const schema: avro.Schema = {
    type: 'record',
    name: 'Emoji',
    fields: [
      { name: 'name', type: 'string' },
      { name: 'rank', type: 'int' },
    ],
  };

  test('may be one of Avro, with a schema', () => {
    const { encode: toBytes, decode: toValue } = avroCodec(schema);
    const bytes = toBytes({ name: 'fish', rank: 2 }) as Uint8Array;

    expect(Buffer.from(bytes)).toEqual(Buffer.from([8, ...Buffer.from('fish'), 4]));
    expect({ ...(toValue(bytes) as Emoji) }).toEqual({ name: 'fish', rank: 2 });
    expect(() => toBytes({ name: 'fish' } as Emoji, { topic: 'emoji', key: 'fish' })).toThrow(
      coded('ERR_OFFLOOP_CODEC'),
    );
  });

  test('names the message that it cannot decode, and keeps the error', () => {
    const facts = { topic: 'emoji', partition: 3, position: 41n, key: 'fish' };
    const json = jsonCodec();

    expect(() => json.decode(text('{'), facts)).toThrow(
      /^Cannot decode the message of topic emoji, partition 3, position 41n, key 'fish': /,
    );
    expect(() => json.decode(text('{'))).toThrow(/^Cannot decode the message: /);
    expect(() => json.decode(text('{'))).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_CODEC', cause: expect.any(SyntaxError) as object }),
    );
  });

  test('has to give bytes, and be two functions', async () => {
    const wrong = codec({ encode: () => 'text' as never, decode: () => 1 });
    expect(() => wrong.encode(1)).toThrow(coded('ERR_OFFLOOP_CODEC'));
    const late = codec({ encode: async () => null as never, decode: () => 1 });
    await expect(late.encode(1)).rejects.toThrow(coded('ERR_OFFLOOP_CODEC'));
    for (const functions of [{}, { encode }, { decode }, null, 5])
      expect(() => codec(functions as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('may be of methods that need their object', () => {
    const shift = new (class {
      #by = 1;
      encode(value: number): Uint8Array {
        return new Uint8Array([value + this.#by]);
      }
      decode([byte = 0]: Uint8Array): number {
        return byte - this.#by;
      }
    })();
    const { encode: toBytes, decode: toValue } = codec<number>(shift);

    expect(toValue(toBytes(5) as Uint8Array)).toBe(5);
  });

  test('of wrapped functions works in a thread', async () => {
    const apart = codec<unknown>({ encode, decode });
    const bytes = await apart.encode({ a: 1 });

    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(await apart.decode(bytes)).toEqual([{ a: 1 }, true]);
    await expect(apart.decode(text('{'), { topic: 'emoji' })).rejects.toThrow(
      expect.objectContaining({
        code: 'ERR_OFFLOOP_CODEC',
        message: expect.stringContaining('of topic emoji') as string,
      }),
    );
  });
});

describe('decoding', () => {
  test('decodes the items of a handler, here or in a thread', async () => {
    const seen: unknown[] = [];
    const { handle, run } = flow();
    const source = [text('{"n":1}'), text('{"n":2}')];
    handle(source, { pipe: [decoding(jsonCodec<{ n: number }>())] })(({ n }) => void seen.push(n));
    handle(source, { pipe: [decoding(codec<{ n: number }>({ encode, decode }), { concurrency: 4 })] })(
      ({ n }) => void seen.push(n),
    );
    await run();

    expect(seen.map(String).toSorted()).toEqual(['1', '1', '2', '2']);
  });

  test('leaves what becomes of a message that it cannot decode to the handler, and of one that is not handled', async () => {
    const { handle, run } = flow();
    const dead: unknown[] = [];
    const options = { onError: 'skip', deadLetter: (bytes: unknown) => void dead.push(bytes) } as const;
    const seen: unknown[] = [];
    handle([text('{'), text('1'), text('2')], { pipe: [decoding(jsonCodec())], ...options })((value) => {
      seen.push(value);
      if (value === 2) throw new Error('two');
    });
    await run();

    expect(seen).toEqual([1, 2]);
    expect(dead).toEqual([text('{'), 2]);
  });

  test.each([
    ['its position', text('{'), /message position 1: /],
    ['its key', new StreamEvent(text('{'), { key: 'fish' }), /position 1, key 'fish': /],
    [
      'what its source knows',
      new StreamEvent(text('{'), { message: { topic: 't', partition: 2, position: 9 } }),
      /of topic t, partition 2, position 9: /,
    ],
  ])('names the message by %s', async (_, item, words) => {
    const { handle, run } = flow();
    handle([text('1'), item] as Uint8Array[], { pipe: [decoding(jsonCodec())] })(() => undefined);
    const running = run();

    await expect(running).rejects.toThrow(coded('ERR_OFFLOOP_CODEC'));
    await expect(running).rejects.toThrow(words);
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [jsonCodec(), null],
    [jsonCodec(), { concurency: 2 }],
    [jsonCodec(), { concurrency: 0 }],
  ])('is checked when it is made: %j', (...args) => {
    expect(() => decoding(...(args as [never]))).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});
