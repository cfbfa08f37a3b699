/** Programs of the corpus written in other ways: none runs twice, and none gives another result without a code. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { execute } from './execute.ts';
import { judge } from './judge.ts';
import { kinds, mutate } from './mutate.ts';
import type { Mutation } from './mutate.ts';
import { programs } from './program.ts';
import type { Program, Seen } from './program.ts';

const numRuns = Number(process.env['OFFLOOP_MUTATIONS'] ?? (isFull ? 30 : 4));
const seed = Number(process.env['OFFLOOP_SEED'] ?? 1);
const seeds = process.env['OFFLOOP_PROGRAMS'] === 'compare' ? [seed, seed + 1, seed + 2] : [seed];

/** Programs that are JavaScript, run by Node.js itself, whose output does not depend on ports and clocks. */
const simple = new Map(
  programs()
    .filter(({ name, oracle, stdin, expected }) => {
      const own = oracle === 'inline' && stdin === '' && !expected.effects.includes('listen');
      return own && /\.[mc]js$/.test(name) && !/^(?:server|tests|compiled|signals|timers|child|exit)-/.test(name);
    })
    .map((program) => [program.name, program]),
);

const mutation = fc.record<Mutation>({
  kind: fc.constantFrom(...kinds),
  at: fc.nat({ max: 20 }),
  by: fc.nat({ max: 6 }),
});

describe.concurrent('a program written in another way', { timeout: 3_600_000 }, () => {
  test.each(seeds)('does nothing twice, and nothing wrong without a word (seed %i)', async (seed) => {
    const counts = { works: 0, refused: 0, 'cannot run': 0 };
    const property = fc.asyncProperty(
      fc.constantFrom(...simple.keys()),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (name, mutations) => {
        const program = mutant(name, mutations);
        fc.pre(program !== undefined);
        const expected = await execute(program, 'inline');
        // A statement was moved to where it cannot be.
        if (expected.code === 1 && /(?:Reference|Syntax|Type)Error/.test(expected.output)) {
          counts['cannot run'] += 1;
          return;
        }
        const ran = await execute(program);
        const verdict = judge({ ...ran, ...loosely(ran) }, loosely(expected));
        if (verdict.kind === 'wrong') expect.fail(`${verdict.why}\n${program.text}\n${ran.output}`);
        counts[verdict.kind] += 1;
      },
    );

    await fc.assert(property, { seed, numRuns });
    if (isFull) console.log(`mutations of seed ${seed}:`, counts);
  });
});

/** The program after the mutations, or undefined if they change nothing. */
function mutant(name: string, mutations: readonly Mutation[]): Program | undefined {
  const program = simple.get(name);
  if (!program) throw new Error(`no program ${name}`);
  const text = mutations.reduce((it, change) => mutate(it, name.endsWith('.mjs'), change), program.text);
  return text === program.text ? undefined : { ...program, text };
}

/** What is printed while calls are under way may come in another order, and an uncaught error has another stack. */
function loosely(seen: Seen): Seen {
  return { ...seen, stdout: seen.stdout.toSorted(), stderr: seen.code === 0 ? seen.stderr : [] };
}
