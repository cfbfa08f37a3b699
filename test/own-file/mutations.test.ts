/** Programs of the corpus written in other ways: none runs twice, and none gives another result without a code. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { execute } from './execute.ts';
import { judge } from './judge.ts';
import { kinds, mutate } from './mutate.ts';
import type { Mutation } from './mutate.ts';
import { programs } from './program.ts';
import type { Program } from './program.ts';

const full = process.env['OFFLOOP_PROGRAMS'] === 'full';
const runs = Number(process.env['OFFLOOP_MUTATIONS'] ?? (full ? 150 : 6));
const seeds = full ? [Date.now() >>> 0, 1] : [1, 2];

// Programs whose output has an order of its own, and no port, runner or clock.
const simple = programs().filter(
  ({ name, oracle, stdin, expected }) =>
    /\.[mc]js$/.test(name) &&
    oracle === 'inline' &&
    stdin === '' &&
    !/^(?:server|tests|compiled|signals|timers|child|exit)-/.test(name) &&
    expected.effects.every((effect) => effect !== 'listen'),
);

const mutation = fc.record<Mutation>({
  kind: fc.constantFrom(...kinds),
  at: fc.nat({ max: 20 }),
  by: fc.nat({ max: 6 }),
});

/** The program after the mutations, or undefined if they change nothing. */
function mutant(program: Program, mutations: readonly Mutation[]): Program | undefined {
  const text = mutations.reduce((it, change) => mutate(it, program.name.endsWith('.mjs'), change), program.text);
  return text === program.text ? undefined : { ...program, text };
}

describe.concurrent('a program written in another way', { timeout: 3_600_000 }, () => {
  test.each(seeds)('does nothing twice, and nothing wrong without a word (seed %i)', async (seed) => {
    const counts = { works: 0, refused: 0, 'of no use': 0 };
    const property = fc.asyncProperty(
      fc.constantFrom(...simple),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (program, mutations) => {
        const changed = mutant(program, mutations);
        fc.pre(changed !== undefined);
        const expected = await execute(changed, 'inline');
        // A statement was moved to where it cannot be.
        if (expected.code === 1 && /(?:Reference|Syntax|Type)Error/.test(expected.output)) {
          counts['of no use'] += 1;
          return;
        }
        const ran = await execute(changed);
        const verdict = judge(sorted(ran), sorted(expected));
        if (verdict.kind === 'wrong') {
          expect.fail(`${program.name}, ${JSON.stringify(mutations)}: ${verdict.why}\n${changed.text}\n${ran.output}`);
        }
        counts[verdict.kind] += 1;
      },
    );

    await fc.assert(property, {
      seed,
      numRuns: runs,
      interruptAfterTimeLimit: 3_000_000,
      markInterruptAsFailure: true,
    });
    console.log(`mutations, seed ${seed}: ${JSON.stringify(counts)}`);
  });
});

/** What is printed while calls are under way may come in another order. */
function sorted<T extends { stdout: readonly string[] }>(seen: T): T {
  return { ...seen, stdout: seen.stdout.toSorted() };
}
