import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame, retryFrame } from '../../dist/src/sse/frame.js';
import { tries } from '../support/full.ts';

function parsed(text: string): EventSourceMessage[] {
  const messages: EventSourceMessage[] = [];
  createParser({ onEvent: (message) => void messages.push(message) }).feed(text);
  return messages;
}

describe('the text of an event', () => {
  test('has data, name and id, each on its line', () => {
    expect(frame({ data: { n: 1 }, event: 'price', id: 7 })).toBe('event: price\nid: 7\ndata: {"n":1}\n\n');
    expect(frame({ data: 'a\nb\r\nc\rd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n');
    expect(retryFrame(1000)).toBe('retry: 1000\n\n');
  });

  test.each([
    ['', ''],
    [undefined, 'null'],
    [null, 'null'],
    [() => 1, 'null'],
    [0, '0'],
    [[1, undefined], '[1,null]'],
  ])('of %s has the data %j', (data, text) => {
    expect(parsed(frame({ data }))).toEqual([{ data: text, event: undefined, id: undefined }]);
  });

  test('is read as what it was made of, whatever that is', () => {
    const string = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('\n', '\r\n', ' a', ':', 'data: x', '\uFEFF'),
    );
    fc.assert(
      fc.property(
        fc.array(string).map((parts) => parts.join('')),
        fc.jsonValue(),
        (text, value) => {
          expect(parsed(frame({ data: text }))[0]?.data).toBe(text.replaceAll(/\r\n|\r/g, '\n'));
          const data = parsed(frame({ data: { value } }))[0]?.data ?? '';
          expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify({ value })));
        },
      ),
      { numRuns: tries(1200) },
    );
  });

  test('has no id and no name where there is none', () => {
    expect(frame({ data: 1, id: null as never, event: null as never })).toBe('data: 1\n\n');
    expect(frame({ data: 1, id: 0, event: '' })).toBe('event: \nid: 0\ndata: 1\n\n');
  });

  test('is not made of what JSON cannot have', () => {
    const circle: { it?: object } = {};
    circle.it = circle;
    for (const data of [1n, { n: 1n }, circle])
      expect(() => frame({ data })).toThrow(
        expect.objectContaining({ code: 'ERR_OFFLOOP_CODEC', cause: expect.any(TypeError) as unknown }),
      );
  });

  test.each([{ id: 'a\nb' }, { id: 'a\rdata: b' }, { id: '\0' }, { event: 'a\nb' }, { event: 'a\r' }])(
    'is not made of %j, which would be read otherwise',
    (parts) => {
      expect(() => frame({ data: 1, ...parts })).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    },
  );
});
