/** Tells apart what works, what is refused, and what is wrong. @module */

import type { Executed } from './execute.ts';
import type { Outcome, Seen } from './program.ts';

export type Verdict =
  | { readonly kind: 'works' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'wrong'; readonly why: string };

/** Compares a run with what the program means: the same, or less with a code of the library's, or wrong. */
export function judge(ran: Executed, expected: Seen): Verdict {
  if (ran.hung) return { kind: 'wrong', why: 'did not end by itself' };
  const why = difference(ran, expected);
  if (why === undefined) return { kind: 'works' };
  const code = codeIn(ran.output);
  if (code === undefined) return { kind: 'wrong', why };
  // A program that is refused may do less than it would, but nothing else and nothing twice.
  const said = ran.stdout.filter((line) => !/ERR_OFFLOOP_|^not ok /.test(line));
  for (const [what, more] of [
    ['prints', beyond(said, expected.stdout)],
    ['does', beyond(ran.effects, expected.effects)],
  ] as const) {
    if (more.length > 0) return { kind: 'wrong', why: `${code}, but it also ${what}: ${more.join(' | ')}` };
  }
  return { kind: 'refused', code };
}

/** Why a verdict is not what the program states; undefined if it is. */
export function mismatch(verdict: Verdict, { output }: Executed, outcome: Outcome): string | undefined {
  if (verdict.kind === 'wrong') return `wrong: ${verdict.why}`;
  if (verdict.kind === 'works') return outcome.kind === 'works' ? undefined : 'works, but should be refused';
  const [said = ''] = messages(output);
  if (outcome.kind === 'works') return `refused with ${verdict.code}: ${said}`;
  if (!output.includes(outcome.code) && codeIn(output) !== outcome.code)
    return `refused with ${verdict.code} and not ${outcome.code}: ${said}`;
  const named = new Set(messages(output).flatMap((text) => words(text)));
  const missing = outcome.names.filter((name) => !name.split('|').some((it) => named.has(it)));
  return missing.length === 0 ? undefined : `${outcome.code} does not name ${missing.join(', ')}: ${said}`;
}

/** The code of an error in what was printed; some reporters print the message of an error alone. */
function codeIn(output: string): string | undefined {
  const code = /ERR_OFFLOOP_[A-Z_]+/.exec(output)?.[0];
  return code ?? (/Cannot run .+ in a worker thread: it uses /.test(output) ? 'ERR_OFFLOOP_CAPTURE' : undefined);
}

/**
 * The lines that are an error of the library's, without the line of its code that made it; TAP puts the message below.
 */
function messages(output: string): string[] {
  const lines = output.split('\n');
  const isOurs = (line = ''): boolean => /OffloopError|ERR_OFFLOOP_/.test(line) && !line.includes('new OffloopError(');
  return lines.filter((line, i) => isOurs(line) || (/^\s*message: "/.test(line) && isOurs(lines[i - 1])));
}

const words = (text: string): string[] => text.split(/[^\w$]+/);

/** The first thing that differs. */
export function difference(ran: Seen, expected: Seen): string | undefined {
  for (const part of ['stdout', 'effects', 'files', 'stderr'] as const) {
    const [one, other] = [ran[part].join('\n'), expected[part].join('\n')];
    if (one !== other) return `${part} is ${JSON.stringify(one)} and not ${JSON.stringify(other)}`;
  }
  return ran.code === expected.code ? undefined : `exit code is ${ran.code} and not ${expected.code}`;
}

/** The lines in `lines` that are not in `allowed`. */
function beyond(lines: readonly string[], allowed: readonly string[]): string[] {
  const left = [...allowed];
  return lines.filter((line) => {
    const index = left.indexOf(line);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
