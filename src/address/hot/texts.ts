/** Makes what a thread needs to run a module of a development server as this thread has it. @module */

import type { Definition, ModuleRecord } from '../registry.ts';
import type { Factories } from './module.ts';
import type { HotSpec } from './spec.ts';

/** What is read of a {@link ModuleRecord}. */
type Record = Pick<ModuleRecord, 'hot' | 'definitions'>;

const known = new WeakMap<Record, HotSpec>();

/**
 * The facts about the module of `record`, if it is one of a development server: its text and the texts of what it
 * imports, as they were when it was evaluated. The files of the server may be older or newer than that.
 */
export function hotSpec(record: Record): HotSpec | undefined {
  if (!record.hot) return undefined;
  const spec = known.get(record) ?? specOf(record.hot, record.definitions);
  known.set(record, spec);
  return spec;
}

function specOf({ id, source }: NonNullable<Record['hot']>, definitions: readonly Definition[]): HotSpec {
  if (!source) return { kind: 'webpack', id, runtime: '', chunk: '', helpers: [], texts: 'unreadable' };
  const { factories, ...facts } = source;
  return { ...facts, id, texts: factories ? textsOf(id, factories, definitions) : 'unreadable' };
}

function textsOf(id: string | undefined, factories: Factories, definitions: readonly Definition[]): HotSpec['texts'] {
  const texts = id === undefined ? {} : textsFrom(id, factories);
  const written = Object.values(texts).map((text) => evaluatedIn(text) ?? text);
  // A function may stand in a module whose factory the module of the record has called.
  const isThere = ({ source }: Definition): boolean =>
    written.some((text) => text.includes(Function.prototype.toString.call(source)));
  return definitions.every(isThere) ? shared(JSON.stringify(texts)) : 'edited';
}

/** The texts of the module `id` and of all that it names, and these in turn, by their ids. */
function textsFrom(id: string, factories: Factories): Texts {
  const texts: Texts = {};
  const ids = new Set([id]);
  // What is added to a set while it is gone through comes too.
  for (const at of ids) {
    const factory = factories.get(at);
    if (!factory) continue;
    texts[at] = Function.prototype.toString.call(factory);
    for (const named of literals(evaluatedIn(texts[at]) ?? texts[at])) if (factories.has(named)) ids.add(named);
  }
  return texts;
}

type Texts = { [id: string]: string };

/** The text that a module of webpack's development build runs by `eval("…")`. */
function evaluatedIn(text: string): string | undefined {
  const [head] = /\beval\((?:[\w$]+\.ts\()?(?=")/.exec(text) ?? [];
  if (head === undefined) return undefined;
  const literal = text.slice(text.indexOf(head) + head.length, text.lastIndexOf('"') + 1);
  return stringIn(literal);
}

/** The strings in `text` that may be ids of modules: `"[project]/lib/jobs.js [app-route] (ecmascript)"`. */
function literals(text: string): string[] {
  // Each quote may begin a string, since it may stand in a comment or in a regular expression.
  const all = text.matchAll(/(?=("(?:[^"\\\n]|\\.)*"))/g);
  return [...all].flatMap(([, it = '']) => (it.includes('\\') ? (stringIn(it) ?? []) : it.slice(1, -1)));
}

function stringIn(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

/** All functions of the module are sent to a thread with these texts, which are not copied that often. */
function shared(text: string): SharedArrayBuffer {
  const bytes = new TextEncoder().encode(text);
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}
