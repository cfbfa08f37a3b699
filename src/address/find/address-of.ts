/** Makes the address by which another thread finds a registered function. @module */

import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleSpec } from '../bundle/marks.ts';
import { configuration } from '../../base/config.ts';
import type { ViewMode } from '../../base/config.ts';
import { isOtherRuntime } from '../../base/runtime.ts';
import type { Address, ModuleSpec, ViewSpec } from '../address.ts';
import { foreignRunner, isEntry, programEntry } from '../entry/entry.ts';
import { threadState } from '../../base/realm.ts';
import { noModule, runsAgain } from './explain.ts';
import { workingDirectory } from '../file-url.ts';
import { hotSpec } from '../hot/texts.ts';
import { importsBack } from '../entry/imports-back.ts';
import { importedFiles } from '../own-files.ts';
import { registerHooks } from '../load/loader-api.ts';
import { recordOf, textOf } from '../registry.ts';
import type { Definition, ModuleRecord } from '../registry.ts';
import { early, trapEarly } from '../load/traps.ts';
import { isTypeScript } from '../load/typescript.ts';
import { areOne, describeAmong, twinsOf } from '../scopes/twins.ts';
import { serverAddress } from '../served/server.ts';
import { createViewCache } from '../load/view-cache.ts';

/** The specifiers under which programs import the library; some bundlers write its files. */
const libraries: readonly string[] = ['offloop', 'offloop/objects', ...importedFiles()];

const addresses = new WeakMap<Definition, Address>();
/** For each module of this thread that it loaded for a call: how, so that threads that this one starts do the same. */
export const specs: WeakMap<ModuleRecord, ModuleSpec> = new WeakMap();

const caches = new WeakMap<ModuleRecord, SharedArrayBuffer>();

/** How a module is loaded, as it was found for its first function: that reads files, which each further one need not. */
interface Found {
  readonly spec: ModuleSpec;
  readonly view: ViewMode;

  /** How many functions the module had registered. */
  readonly count: number;
}
const found = new WeakMap<ModuleRecord, Found>();

const canHook = registerHooks !== undefined && !isOtherRuntime;

/** The URLs of modules that need nothing of the program's entry. */
const apart = new Set<string>();

/** The program's entry, if it has registered nothing. */
let bareEntry: ModuleRecord | undefined;

/**
 * The address of `definition`; the same object every time.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NO_MODULE` if the function is in no module that a thread can load.
 * @throws {OffloopError} `ERR_OFFLOOP_REENTRY` in Bun and Deno, which have no parts of a file, if a thread would need one.
 */
export function addressOf(definition: Definition, view: ViewMode = configuration.view): Address {
  if (definition.whole) return addressOf(definition.whole, view);
  const known = addresses.get(definition);
  if (known) return known;
  const { record, site } = definition;
  if (!record) throw noModule(definition.name, site.at);
  const twins = twinsOf(definition, site.top, record.definitions);
  const module = specs.get(record) ?? specOf(record, view);
  if (module.viewMode === 'first') {
    if (isOtherRuntime) throw runsAgain(definition.name, record.url);
    trapEarly();
  }
  const address: Address = {
    module,
    entry: view === 'never' ? undefined : entryBehind(record.url, definition.name),
    index: definition.index,
    name: definition.name,
    signature: definition.signature,
    hash: definition.hash,
    signatures: isVerbatim(record) ? [] : signaturesOf(record.definitions.filter(({ site }) => site.top)),
    top: site.top,
    exported: definition.exported,
    on: definition.on,
    place: foreignRunner() ? undefined : site.place,
    script: record.isView ? undefined : site.script,
    twins: areOne(twins) ? undefined : describeAmong(definition, twins),
    bundle: foreignRunner() ? undefined : bundleSpec(site.frames),
    inside: site.inside,
    at: site.at,
  };
  addresses.set(definition, address);
  return address;
}

/**
 * The address by which the main side finds the function that `definition` is in this thread. The main side may run
 * another text of the module; then only the order of the module's registrations is the same on both sides.
 */
export function addressOnMain(definition: Definition): Address {
  const signatures = signaturesOf(definition.record?.definitions.filter(({ site }) => site.top) ?? []);
  return { ...addressOf(definition), signatures };
}

/** Signatures and name stems: these stay the same when a test runner renames functions (`work` to `work2`). */
export function signaturesOf(definitions: readonly Definition[]): string[] {
  return definitions.map(({ signature, name }) => `${signature}:${name.replace(/[$_]?\d+$/, '')}`);
}

/** As {@link moduleSpec}; the same one as long as the module registers nothing more. */
function specOf(record: ModuleRecord, view: ViewMode): ModuleSpec {
  if (record.served !== undefined || record.hot) return moduleSpec(record, view);
  const known = found.get(record);
  const count = record.definitions.length;
  if (known?.view === view && known.count === count) return known.spec;
  const spec = moduleSpec(record, view);
  found.set(record, { spec, view, count });
  return spec;
}

function moduleSpec(record: ModuleRecord, view: ViewMode): ModuleSpec {
  const foreign = foreignRunner();
  const server = record.served === undefined ? undefined : serverAddress();
  const viewMode =
    server || record.hot
      ? 'never'
      : view === 'always' || (view === 'auto' && isEntry(record.url))
        ? 'first'
        : view === 'auto'
          ? 'fallback'
          : 'never';
  return {
    url: record.url,
    format: record.format,
    generation: record.generation,
    foreign,
    base: base(),
    served: server && record.served !== undefined ? { id: record.served, server } : undefined,
    hot: hotSpec(record),
    view: viewSpec(record, foreign),
    viewMode,
  };
}

/** The spec of the entry, if the module at `url` may import it back and the thread has to be prepared for that. */
function entryBehind(url: string, name: string): ModuleSpec | undefined {
  if (apart.has(url)) return undefined;
  const entry = programEntry();
  // Without `registerHooks`, a hook costs milliseconds, so it is installed only if needed.
  if (!entry || isEntry(url) || !url.startsWith('file:') || (!canHook && !importsBack(url, entry.url))) {
    // A test runner has one entry after the other.
    if (!foreignRunner()) apart.add(url);
    return undefined;
  }
  if (isOtherRuntime) {
    // A thread that has loaded the module has been told to load it whole.
    if (threadState()) return undefined;
    throw runsAgain(name, entry.url, url);
  }
  const known = recordOf(entry.url);
  bareEntry ??= {
    ...entry,
    generation: 0,
    definitions: [],
    served: undefined,
    hot: undefined,
    verbatim: true,
    isView: false,
    token: undefined,
  };
  const spec = specOf(known ?? bareEntry, 'always');
  // The entry has functions of its own, or was found above to be imported back.
  if (known || !registerHooks) trapEarly();
  return spec;
}

/** The spec of the program's own file, if that has wrapped functions: threads will need its view first. */
export function ownFile(): ModuleSpec | undefined {
  const entry = configuration.view === 'never' || isOtherRuntime ? undefined : programEntry();
  const record = entry && recordOf(entry.url);
  return record && record.definitions.length > 0 ? moduleSpec(record, configuration.view) : undefined;
}

function viewSpec(record: ModuleRecord, foreign: boolean): ViewSpec {
  const { definitions } = record;
  let cache = caches.get(record);
  if (!cache) caches.set(record, (cache = createViewCache(sizeOf(record.url))));
  return {
    sources: definitions.map(({ source }) => textOf(source)),
    positions: foreign ? [] : definitions.flatMap(({ site }) => (site.top ? (site.position ?? []) : [])),
    methods: definitions.flatMap(({ method }) => method ?? []),
    libraries,
    cache,
    early,
  };
}

/** The size of a module's file in bytes; 0 if there is no such file. */
function sizeOf(url: string): number {
  try {
    return statSync(fileURLToPath(url.replace(/[?#].*$/, ''))).size;
  } catch {
    return 0;
  }
}

/**
 * Whether the text of each function is in the file as it runs here, which is not so under a test runner's transform or
 * a coverage tool. A `.ts` file under a test runner counts as different: threads load it with another transformer.
 */
function isVerbatim(record: ModuleRecord): boolean {
  return (record.verbatim ??= readsVerbatim(record) && !(foreignRunner() && isTypeScript(record.url)));
}

function readsVerbatim({ url, served, hot, definitions }: ModuleRecord): boolean {
  // Threads have the same text of the server, and must not take a function of an edited one for this.
  if (served !== undefined || hot || !url.startsWith('file:')) return true;
  try {
    const text = readFileSync(fileURLToPath(url.replace(/[?#].*$/, '')), 'utf8');
    return definitions.every(({ source }) => text.includes(textOf(source)));
  } catch {
    return false;
  }
}

let baseUrl: string | undefined;
const base = (): string => (baseUrl ??= pathToFileURL(`${workingDirectory()}/`).href);
