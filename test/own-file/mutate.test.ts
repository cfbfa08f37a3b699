/** The programs that mutations make. @module */

import { parse } from 'acorn';
import { describe, expect, test } from 'vitest';
import { kinds, mutate } from './mutate.ts';
import type { Mutation } from './mutate.ts';
import { programs } from './program.ts';

const mutated = (text: string, mutation: Partial<Mutation>): string =>
  mutate(text, true, { kind: 'block', at: 0, by: 1, ...mutation });

describe('a mutation', () => {
  test.each<[string, string, Partial<Mutation>, string]>([
    ['wraps a statement', 'a();', { kind: 'block' }, '{\na();\n}'],
    [
      'keeps what is declared where it was',
      'const [a = 1] = b, c = 2;',
      { kind: 'block' },
      'let a, c;\n{\n;[a = 1] = b;\n;c = 2;\n}',
    ],
    [
      'waits where the statement waits',
      'await a();',
      { kind: 'called arrow' },
      'await (async () => {\nawait a();\n})();',
    ],
    ['leaves a statement that waits where nobody would wait', 'await a();', { kind: 'callback' }, 'await a();'],
    [
      'takes names that are free',
      'step1();',
      { kind: 'function declared and called' },
      'function step2() {\nstep1();\n}\nstep2();',
    ],
    [
      'renames everywhere',
      'const a = { a }; b.a({ a: a });',
      { kind: 'rename' },
      'const renamed1 = { a: renamed1 }; b.a({ a: renamed1 });',
    ],
    ['moves a statement', 'a();\nb();\nc();', { kind: 'move', by: 2 }, '\nb();\nc();\na();\n'],
  ])('%s', (_, text, mutation, expected) => {
    expect(mutated(text, mutation)).toBe(expected);
  });

  test('of a program can be parsed', () => {
    const some = programs().filter(({ name }, index) => index % 4 === 0 && /\.[mc]js$/.test(name));
    for (const { name, text } of some) {
      const sourceType = name.endsWith('.mjs') ? 'module' : 'commonjs';
      for (const kind of kinds) {
        const written = mutate(text, sourceType === 'module', { kind, at: 3, by: 2 });
        parse(written, { ecmaVersion: 'latest', sourceType, allowHashBang: true });
      }
    }
  });
});
