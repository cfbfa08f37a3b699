/** The verdicts on a program: the same result, refused, or wrong. @module */

import { describe, expect, test } from 'vitest';
import type { Executed } from './execute.ts';
import { judge, mismatch } from './judge.ts';
import type { Seen } from './program.ts';

const expected: Seen = { code: 0, stdout: ['one', 'two'], stderr: [], effects: ['listen'], files: ['a.txt 1234abcd'] };

function ran(seen: Partial<Executed>): Executed {
  const whole = { ...expected, hung: false, ...seen };
  return { output: [...whole.stdout, ...whole.stderr].join('\n'), ...whole };
}

const refusal = 'OffloopError: Cannot run f in a worker thread: it uses state';
const refused: Partial<Executed> = { code: 1, stdout: ['one'], stderr: [refusal, "code: 'ERR_OFFLOOP_CAPTURE'"] };

describe('a run', () => {
  test('works if it does the same', () => {
    expect(judge(ran({}), expected)).toEqual({ kind: 'works' });
  });

  test.each<[string, Partial<Executed>]>([
    ['prints a line twice', { stdout: ['one', 'one', 'two'] }],
    ['prints something else', { stdout: ['one', 'three'] }],
    ['prints in another order', { stdout: ['two', 'one'] }],
    ['listens twice', { effects: ['listen', 'listen'] }],
    ['writes another file', { files: ['a.txt ffffffff'] }],
    ['ends with another code', { code: 1 }],
    ['warns', { stderr: ['warning'] }],
    ['does not end', { hung: true }],
    ['is refused, but has printed twice', { ...refused, stdout: ['one', 'one'] }],
    ['is refused, but has listened twice', { ...refused, effects: ['listen', 'listen'] }],
    ['is refused, but has printed something else', { ...refused, stdout: ['three'] }],
  ])('is wrong if it %s', (_, seen) => {
    expect(judge(ran(seen), expected).kind).toBe('wrong');
  });

  test('is refused if it does less, with a code', () => {
    const seen = ran(refused);
    const verdict = judge(seen, expected);

    expect(verdict).toEqual({ kind: 'refused', code: 'ERR_OFFLOOP_CAPTURE' });
    const outcome = (code: string, names: string[]) => ({ kind: 'refused', code, names }) as const;
    expect(mismatch(verdict, seen, outcome('ERR_OFFLOOP_CAPTURE', ['state']))).toBeUndefined();
    expect(mismatch(verdict, seen, outcome('ERR_OFFLOOP_CAPTURE', ['other|state']))).toBeUndefined();
    expect(mismatch(verdict, seen, outcome('ERR_OFFLOOP_CAPTURE', ['other']))).toMatch(/does not name other/);
    expect(mismatch(verdict, seen, outcome('ERR_OFFLOOP_REENTRY', []))).toMatch(/not ERR_OFFLOOP_REENTRY/);
    expect(mismatch(verdict, seen, { kind: 'works' })).toMatch(/refused with/);
  });
});
