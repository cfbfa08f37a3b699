/** Programs whose own file has the wrapped functions, as people write them: each works, or is refused with its reason. @module */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { root } from '../support/run.ts';
import { atMost } from './at-most.ts';
import { execute } from './execute.ts';
import { difference, judge, mismatch } from './judge.ts';
import { programs, writeExpected } from './program.ts';
import { canSplit } from './split.ts';

/** `compare` compares the expectations with the oracles too; `write` takes them from there. */
const mode = process.env['OFFLOOP_PROGRAMS'];

const version = Number(process.versions.node.split('.')[0]);
const everyone = programs();
const all = everyone.filter(({ since }, index) => since <= version && (isFull || index % 40 === 0));
const limited = atMost(Math.max(2, Math.min(4, availableParallelism())));
const numbers = { works: 0, refused: 0, wrong: 0 };

afterAll(() => {
  const { works, refused, wrong } = numbers;
  if (isFull) console.log(`programs: ${works} work, ${refused} are refused, ${wrong} are wrong`);
});

describe
  .skipIf(mode === 'write') // what is expected is being written, and judged from the next run on
  .concurrent('a program with wrapped functions in its own file', { timeout: 600_000 }, () => {
    test.each(all.map((program) => [program.name, program.outcome.kind, program] as const))(
      '%s: %s',
      async (_name, _kind, program) => {
        const ran = await limited(() => execute(program));
        const verdict = judge(ran, program.expected);
        numbers[verdict.kind] += 1;
        const why = mismatch(verdict, ran, program.outcome);

        if (why !== undefined) expect.fail(`${why}\n${ran.output}`);
      },
    );
  });

if (mode === 'compare' || mode === 'write')
  describe.concurrent('what is expected of', { timeout: 600_000 }, () => {
    const compared = all.filter(({ oracle }) => oracle !== 'hand');

    test.each(compared.map((program) => [program.name, program] as const))('%s', async (_name, program) => {
      const forms = [
        ...(program.oracle === 'inline' ? ['inline' as const] : []),
        ...(canSplit(program) ? ['split' as const] : []),
      ];
      let { expected } = program;
      for (const form of forms) {
        // oxlint-disable-next-line no-await-in-loop
        const ran = await limited(() => execute(program, form));
        if (mode === 'write' && form === forms[0]) writeExpected(program, (expected = ran));
        else expect({ form, why: difference(ran, expected) }).toEqual({ form, why: undefined });
      }
    });
  });

describe('the corpus of such programs', () => {
  test('says of each what it prints', () => {
    expect(everyone.filter(({ expected }) => expected.stdout.join('') === '')).toEqual([]);
  });

  test('is counted in the documents', () => {
    const works = everyone.filter(({ outcome }) => outcome.kind === 'works').length;
    const page = readFileSync(join(root, 'docs/where-functions-live.md'), 'utf8').replaceAll(/\s+/g, ' ');

    expect(page).toContain(
      `Of the ${everyone.length} programs in \`test/programs\`, ${works} work and ${everyone.length - works} are refused`,
    );
  });
});
