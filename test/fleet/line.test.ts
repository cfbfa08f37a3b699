/** Frames over messages that are lost while the server is away. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headOf, Line } from '../../src/fleet/line/line.ts';
import type { Head } from '../../src/fleet/line/line.ts';
import { Lines } from '../../src/fleet/line/lines.ts';

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
    losses: () => 0,
    post: (message) => void (isLost || hear(other, message)),
    receive: (frame) => got.one.push(decoder.decode(frame)),
  });
  const other: Line = new Line({
    limit: () => limit,
    losses: () => 0,
    post: (message) => void (isLost || hear(one, message)),
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
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 22, max: 44 }), (steps, limit) => {
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
});

function hear(line: Line, message: Uint8Array): void {
  const copy = message.slice();
  line.hear(copy, headOf(copy) as Head);
}

describe('lines', () => {
  /** The lines of two processes; `silence` cuts what they say to each other. */
  function processes(): { readonly a: Lines; readonly b: Lines; readonly log: string[]; silence(isOn: boolean): void } {
    const log: string[] = [];
    let isSilent = false;
    const make = (name: string, other: () => Lines): Lines =>
      new Lines({
        limit: () => 1000,
        upSince: () => 0,
        patience: 60_000,
        post: (_, message) => void (isSilent || other().hear(name, message.slice())),
        receive: (peer, frame) => log.push(`${name} hears ${new TextDecoder().decode(frame)} of ${peer}`),
        lost: (peer, how) => log.push(`${name} lost ${peer}: ${how}`),
      });
    const a: Lines = make('a', () => b);
    const b: Lines = make('b', () => a);
    return { a, b, log, silence: (isOn) => (isSilent = isOn) };
  }

  test('tell a peer that its line is not known any more, and then have another one', () => {
    const { a, b, log, silence } = processes();
    a.send('b', bytes('one'));
    silence(true);
    b.drop('a');
    silence(false);
    a.send('b', bytes('two'));
    a.send('b', bytes('three'));

    expect(log).toEqual(['b hears one of a', 'b lost a: silent', 'a lost b: forgotten', 'b hears three of a']);
    for (const it of [a, b]) it.close();
  });

  test('know a peer that has made its end anew, once its old end is not known there', () => {
    const { a, b, log, silence } = processes();
    a.send('b', bytes('one'));
    b.send('a', bytes('two'));
    silence(true);
    a.drop('b');
    silence(false);
    a.send('b', bytes('three'));
    a.back();

    expect(log).toEqual([
      'b hears one of a',
      'a hears two of b',
      'a lost b: silent',
      'b lost a: forgotten',
      'b hears three of a',
    ]);
    for (const it of [a, b]) it.close();
  });

  test('stay as they are, whatever strangers say in the name of a peer', () => {
    const { a, b, log } = processes();
    const stranger: Uint8Array[] = [];
    const forging = new Line({ limit: () => 1000, losses: () => 9, post: (it) => stranger.push(it), receive: () => 0 });
    for (const name of ['frame', 'beat', 'ping', 'bye'] as const)
      if (name === 'frame') forging.send(bytes('forged'));
      else forging[name]();
    const heard = (to: number): void => {
      for (const message of stranger)
        for (let kind = 0; kind < 256; kind += 1) {
          const forged = Uint8Array.from(message);
          forged[0] = kind;
          new DataView(forged.buffer).setUint32(13, to);
          b.hear('a', forged);
        }
    };
    a.send('b', bytes('one'));
    b.send('a', bytes('two'));
    heard(0);
    heard(12_345);
    a.send('b', bytes('three'));
    b.send('a', bytes('four'));

    expect(log).toEqual(['b hears one of a', 'a hears two of b', 'b hears three of a', 'a hears four of b']);
    expect(b.lossesOf('a')).toBe(0);
    for (const it of [a, b]) it.close();
  });

  test('are complete once all peers have told what they have sent, or are lost', async () => {
    const { a, b, log, silence } = processes();
    a.send('b', bytes('one'));
    b.send('a', bytes('two'));
    await b.complete();
    silence(true);
    a.send('b', bytes('three'));
    const complete = b.complete().then(() => log.push('complete'));
    await Promise.resolve();
    silence(false);
    a.back();
    await complete;

    expect(log).toEqual(['b hears one of a', 'a hears two of b', 'b hears three of a', 'complete']);
    silence(true);
    const lost = b.complete();
    b.drop('a');
    await lost;
    for (const it of [a, b]) it.close();
  });

  test('send what is owed before they say that there is no more', async () => {
    const [log, owed] = [[] as string[], ['begun']];
    const make = (name: string, other: () => Lines, more: object): Lines =>
      new Lines({
        limit: () => 1000,
        upSince: () => 0,
        patience: 60_000,
        post: (_, message) => other().hear(name, message.slice()),
        receive: (_, frame) => void log.push(`${name} hears ${new TextDecoder().decode(frame)}`),
        lost: () => undefined,
        ...more,
      });
    const caller: Lines = make('caller', () => node, {});
    const node: Lines = make('node', () => caller, {
      owed: (peer: string) => owed.splice(0).forEach((text) => node.send(peer, bytes(text))),
    });
    caller.send('node', bytes('hello'));
    await caller.complete();
    log.push('complete');

    expect(log).toEqual(['node hears hello', 'caller hears begun', 'complete']);
    for (const it of [caller, node]) it.close();
  });

  test('tell how many lines they have given up', () => {
    const { a, b, silence } = processes();
    expect(b.lossesOf('a')).toBe(-1);
    a.send('b', bytes('one'));
    expect(b.lossesOf('a')).toBe(0);
    silence(true);
    a.send('c', bytes('two'));
    a.drop('c');
    silence(false);
    expect([a.losses, b.lossesOf('a')]).toEqual([1, 0]);
    a.send('b', bytes('three'));

    expect(b.lossesOf('a')).toBe(1);
    for (const it of [a, b]) it.close();
    expect(a.losses).toBe(2);
  });

  test('are told that a peer goes', () => {
    const { a, b, log } = processes();
    a.send('b', bytes('one'));
    a.close();

    expect(log).toEqual(['b hears one of a', 'b lost a: left']);
    b.close();
  });
});
