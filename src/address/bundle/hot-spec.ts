/** Makes what a thread needs to run a module of Turbopack's development server as this thread has it. @module */

import type { Definition, ModuleRecord } from '../registry.ts';
import { textsFrom } from './factories.ts';
import type { HotSpec } from './spec.ts';

/** What is read of a {@link ModuleRecord}. */
type Record = Pick<ModuleRecord, 'hot' | 'definitions'>;

const known = new WeakMap<Record, HotSpec>();

/**
 * The facts about the module of `record`, if it is one of Turbopack's development server: its text and the texts of what
 * it imports, as they are when this is first asked. The files of the server may be older or newer than that.
 */
export function hotSpec(record: Record): HotSpec | undefined {
  if (!record.hot) return undefined;
  const spec = known.get(record) ?? { ...placeOf(record.hot), texts: textsOf(record.hot, record.definitions) };
  known.set(record, spec);
  return spec;
}

const placeOf = ({ chunk, id, runtime }: NonNullable<Record['hot']>): Omit<HotSpec, 'texts'> => ({
  chunk,
  id,
  runtime,
});

function textsOf({ id, factories }: NonNullable<Record['hot']>, definitions: readonly Definition[]): HotSpec['texts'] {
  if (!factories) return 'unreadable';
  const texts = id === undefined ? {} : textsFrom(id, factories);
  // A function may stand in a module whose factory the module of the record has called.
  const isThere = ({ source }: Definition): boolean =>
    Object.values(texts).some((text) => text.includes(Function.prototype.toString.call(source)));
  return definitions.every(isThere) ? shared(JSON.stringify(texts)) : 'edited';
}

/** All functions of the module are sent to a thread with these texts, which are not copied that often. */
function shared(text: string): SharedArrayBuffer {
  const bytes = new TextEncoder().encode(text);
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
}
