/** Frames over messages that are lost while the server is away. @module */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Line } from '../../src/fleet/line/line.ts';

interface Ends {
  readonly one: Line;
  readonly other: Line;
  readonly got: { readonly one: string[]; readonly other: string[] };
  lose(isLost: boolean): void;
}

/** Two ends, each of which hears at once what the other one posts, unless it is lost. */
function ends(limit: number): Ends {
  let isLost = false;
  const got = { one: [] as string[], other: [] as string[] };
  const decoder = new TextDecoder();
  const one: Line = new Line({
    limit: () => limit,
    post: (message) => void (isLost || other.hear(message.slice())),
    receive: (frame) => got.one.push(decoder.decode(frame)),
  });
  const other: Line = new Line({
    limit: () => limit,
    post: (message) => void (isLost || one.hear(message.slice())),
    receive: (frame) => got.other.push(decoder.decode(frame)),
  });
  return { one, other, got, lose: (now) => (isLost = now) };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a line', () => {
  test('brings each frame once and in order, whatever is lost', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ by: fc.constantFrom('one', 'other'), text: fc.string({ maxLength: 40 }) }) },
      { weight: 2, arbitrary: fc.boolean() },
      { weight: 2, arbitrary: fc.constantFrom('resend' as const, 'beat' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 10, max: 30 }), (steps, limit) => {
        const { one, other, got, lose } = ends(limit);
        const sent = { one: [] as string[], other: [] as string[] };
        const taken: string[] = [];
        for (const it of steps) {
          if (typeof it === 'boolean') lose(it);
          else if (typeof it === 'string') {
            for (const line of [one, other]) line[it]();
          } else {
            sent[it.by as 'one'].push(it.text);
            const id = `${it.by} ${sent[it.by as 'one'].length}`;
            (it.by === 'one' ? one : other).send(bytes(it.text), () => taken.push(id));
          }
        }
        lose(false);
        for (const line of [one, other]) line.resend();
        for (const line of [one, other]) line.beat();

        expect(got.other).toEqual(sent.one);
        expect(got.one).toEqual(sent.other);
        expect(new Set(taken).size).toBe(taken.length);
        expect(taken).toHaveLength(sent.one.length + sent.other.length);
        expect(one.isWaiting || other.isWaiting).toBe(false);
      }),
    );
  });

  test('is refused by an end that has forgotten it', () => {
    const { one, other } = ends(100);
    one.send(bytes('a'));
    other.beat();
    const stranger = new Line({ limit: () => 100, post: () => undefined, receive: () => undefined });
    const told: Uint8Array[] = [];
    const again = new Line({ limit: () => 100, post: (message) => told.push(message.slice()), receive: () => undefined });
    again.hear(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 65]));
    again.beat();

    expect(stranger.hear(told[0] as Uint8Array)).toBe(false);
  });
});
