/** The errors for functions that a thread cannot find or run, with advice what to do. @module */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute } from 'node:path';
import { othersInWords } from '../../base/copies.ts';
import { OffloopError } from '../../base/errors.ts';
import type { Address } from '../address.ts';
import { byJiti } from '../call-site.ts';
import { pathOf, shortName } from '../file-url.ts';
import { isServedByWebpack } from '../hot/webpack.ts';
import { serverAddress } from '../served/server.ts';
import { readView } from '../load/view-cache.ts';
import type { Refusal } from '../view/worker-view.ts';

/** The error for a function that no thread can find, because it is in no file. */
export function noModule(name: string, at: string): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_NO_MODULE',
    `Cannot run ${label(name)} in a worker thread: it has no module that a thread could load (it is defined in ${at}). ${cureFor(at)}`,
  );
}

/** How to give a module to a function that was defined at `at`. */
function cureFor(at: string): string {
  if (/^(?:webpack|rspack)/.test(at)) {
    return (
      'The bundler evaluates modules as texts, so their functions can be found only while the module itself is evaluated: ' +
      "wrap it at the top level of its module, or set the bundler's option devtool to 'source-map'"
    );
  }
  if (at.endsWith(byJiti)) {
    return (
      'Threads cannot evaluate modules as jiti does: run the program with `node --import tsx`, or with a Node.js that ' +
      'removes types itself (22.18 or later), or move the wrapped functions to a module of JavaScript'
    );
  }
  if (isAbsolute(at)) {
    return (
      "A development server evaluates its modules as texts: add the plugin of offloop/vite to Vite's configuration, " +
      '`plugins: [offloop()]`, which lets threads ask the server for them'
    );
  }
  if (isSingleExecutable()) {
    return (
      'The text in a single executable is no file that a thread could load: ship the modules with wrapped functions, and ' +
      'the package, beside the executable, and load them by createRequire(process.execPath)'
    );
  }
  if (at === 'unknown') {
    return (
      'The runtime does not tell where it was wrapped, as with --frozen-intrinsics: give it the option ' +
      '`module: import.meta.url`, or in CommonJS the URL of `__filename`'
    );
  }
  const evaluated =
    'Move it to a file: what `node -e`, standard input, the REPL and eval() run exists in one thread only';
  // V8 drops the names of texts if they have a blank or a quote.
  if (at.startsWith('eval:') && isServedByWebpack()) {
    return `If webpack runs it, rename its file: a module cannot be found if its name has a blank or a quote. If not, m${evaluated.slice(1)}`;
  }
  return at.startsWith('eval:') && !serverAddress()
    ? `${evaluated}. If a development server of Vite runs it, add the plugin of offloop/vite to its configuration`
    : evaluated;
}

function isSingleExecutable(): boolean {
  try {
    return (createRequire(import.meta.url)('node:sea') as { isSea(): boolean }).isSea();
  } catch {
    // Another runtime, or an older version.
    return false;
  }
}

/**
 * The error for a function that is not in the loaded module.
 *
 * @param registered The names of the functions that the module did register in this thread.
 * @param captured The variables of enclosing functions that the function uses, see `capturedNames()`, if known.
 * @param skipped The function around it, if the main thread called that as it evaluated the module, and the thread did not.
 */
export function notFound(
  address: Address,
  registered: readonly string[],
  captured: readonly string[] = [],
  skipped?: string,
): OffloopError {
  const name = label(address.name);
  if (!address.top && captured.length > 0) {
    return new OffloopError(
      'ERR_OFFLOOP_CAPTURE',
      `Cannot run ${name} in a worker thread: it uses ${list(captured)} of the function around it` +
        `${address.inside ? ` (${address.inside}, ${place(address)})` : ` (${place(address)})`}, which no other thread has. ` +
        `Pass ${captured.length > 1 ? 'them as arguments' : 'it as an argument'}, and wrap ${name} at the top level of a module${orCall(skipped, address.module.url)}`,
    );
  }
  const facts = `${shortName(address.module.url)} registered ${list(registered.map(label)) || 'nothing'}`;
  const message = `Cannot find ${name}: it was not registered when a worker thread loaded its module; ${facts}. `;
  const others = registered.length === 0 ? othersInWords() : '';
  if (others)
    return new OffloopError(
      'ERR_OFFLOOP_COPIES',
      `${message}Note that ${others}. Install one version, see npm ls offloop`,
    );
  return new OffloopError(
    'ERR_OFFLOOP_NOT_FOUND',
    message + advice(address, registered) + orCall(skipped, address.module.url),
  );
}

/** The other cure, if a function at the top level wraps, but only in the main thread. */
function orCall(skipped: string | undefined, url: string): string {
  if (skipped === undefined) return '';
  if (isOneFunction(url)) {
    return (
      '; or, as the file is one function with all that the program does, let the bundler keep modules apart: webpack and ' +
      'rspack do so with optimization.concatenateModules set to false'
    );
  }
  return `; or call ${skipped} in a statement of its own there, under no condition: the main thread called it as it loaded the module, and the worker thread did not`;
}

/** Whether the file at `url` begins with a function that is called at once, as bundlers make it of joined modules. */
function isOneFunction(url: string): boolean {
  try {
    const text = readFileSync(pathOf(url) ?? '', 'utf8');
    return /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n|(["'])use strict\1;?)*[!(]+(?:\(\)\s*=>|function\s*\(\))\s*\{/.test(
      text,
    );
  } catch {
    return false;
  }
}

/** The error if several functions, `count` of them in this thread, have the same key and cannot be told apart. */
export function indistinct(address: Address, count: number): OffloopError {
  const name = label(address.name);
  const file = shortName(address.module.url);
  const isBlind = address.twins?.captured === undefined && address.twins?.all.size === count;
  const facts = isBlind
    ? `${file} registers ${count} functions with this text, and this runtime does not tell which variables each of them uses`
    : `${file} registers functions with this text in a different number or order there (${count} of them, and ` +
      `${address.twins?.all.size ?? 1} in the main thread), and neither their places nor the variables they use tell which one is meant`;
  return new OffloopError(
    'ERR_OFFLOOP_CAPTURE',
    `Cannot run ${name} in a worker thread: ${facts} (${place(address)}). ` +
      `${isBlind ? 'Give' : 'Register the same ones in both, in the same order, or give'} each a name of its own with the option name`,
  );
}

/**
 * The error if a thread ran the top-level code of the module at `url`, and that called the wrapped function `called`.
 */
export function reentry(url: string, called: string): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_REENTRY',
    `Cannot load ${shortName(url)} in a worker thread: its top-level code ran again there and called ${label(called)}. ` +
      "Move the module's wrapped functions to a module of their own, or run its main part only if `isMainThread` of node:worker_threads is true",
  );
}

/**
 * The error for the function `name`, if a thread would run the whole of the program's own file for it, in a runtime that
 * loads no parts of files. `importer` is the module of the function, if that is another one.
 */
export function runsAgain(name: string, entry: string, importer?: string): OffloopError {
  const file = shortName(entry);
  const facts = importer
    ? `its module, ${shortName(importer)}, imports the program's own file, ${file}`
    : `${file} is the program's own file`;
  const cure = importer ? 'what it imports from there' : 'the function';
  return new OffloopError(
    'ERR_OFFLOOP_REENTRY',
    `Cannot run ${label(name)} in a worker thread: ${facts}, and Bun and Deno can load it only whole, so the program would start again there. ` +
      `Move ${cure} to a module of its own. Or, if the file runs its main part only if \`isMainThread\` of node:worker_threads is true, set view to 'never'`,
  );
}

/**
 * The error for the caller of a function that threw `error`. A `ReferenceError` about a variable that the worker view
 * left out gets an explanation; any other error is returned unchanged.
 */
export function explainThrown(error: unknown, address: Address): unknown {
  const reference = findReferenceError(error);
  const [, name] = /^(\S+) is not defined$/.exec(reference?.message ?? '') ?? [];
  if (name === undefined || address.module.viewMode === 'never') return error;
  const { mainOnly = {} } = readView(address.module.view.cache) ?? {};
  const left = Object.hasOwn(mainOnly, name) ? mainOnly[name] : undefined;
  if (!left) return error;
  const file = shortName(address.module.url);
  const line = writtenLine(address.module.url, name, left.line);
  const why = left.dispatch ? 'gets it from a threaded call' : 'is not run in worker threads';
  return new OffloopError(
    'ERR_OFFLOOP_CAPTURE',
    `Cannot run ${label(address.name)} in a worker thread: it uses ${name}, which only the main thread has: ` +
      `${line === undefined ? '' : `line ${line} of `}${file} ${why} (${left.text}). Pass ${name} as an argument`,
    { cause: error },
  );
}

/** The error for a function that needs the variable `name`, which the main thread changes, or which it alone has. */
export function changedByMain(address: Address, { name, line, text }: Refusal): OffloopError {
  const file = shortName(address.module.url);
  const where = writtenLine(address.module.url, name, line);
  return new OffloopError(
    'ERR_OFFLOOP_CAPTURE',
    `Cannot run ${label(address.name)} in a worker thread: it uses ${name}, whose value in the main thread no other thread has: ` +
      `${where === undefined ? '' : `line ${where} of `}${file}, which only the main thread runs, makes or changes it (${text}). ` +
      `Pass ${name} as an argument, set it in \`setup(() => …)\`, or move it to a module of its own with the function`,
  );
}

function advice(address: Address, registered: readonly string[]): string {
  if (!address.top) {
    const inside = address.inside ? `inside ${address.inside}` : 'inside a function';
    return `It was wrapped ${inside} (${place(address)}): wrap it at the top level of a module, where a thread can find it`;
  }
  if (address.module.served ?? address.module.hot) {
    return 'It was edited since the program loaded it, or registers other functions there; after an edit, functions are found again once the program has loaded what is there now';
  }
  const other = registered[address.index];
  const instead = other === undefined ? '' : `Number ${address.index} is ${label(other)} there: `;
  const moral = 'module registers other functions in a worker thread than in the main thread';
  return `${instead}${instead ? 'the' : 'The'} ${moral} (${place(address)}); let it register the same ones, in the same order, in both`;
}

/** The line number in the source file: TypeScript loaders may put a whole program on one line. */
function writtenLine(url: string, name: string, line: number): number | undefined {
  const path = pathOf(url);
  if (path === undefined) return line;
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const word = new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$&')}(?![\\w$])`);
    if (word.test(lines[line - 1] ?? '')) return line;
    const declared = lines.findIndex(
      (text) => /^\s*(?:export\s|const\s|let\s|var\s|import\s)/.test(text) && word.test(text),
    );
    const found = declared === -1 ? lines.findIndex((text) => word.test(text)) : declared;
    return found === -1 ? undefined : found + 1;
  } catch {
    return line;
  }
}

/** Libraries wrap errors, so the `cause` is looked at too; one link is enough to recognise ours. */
function findReferenceError(error: unknown): ReferenceError | undefined {
  if (error instanceof ReferenceError) return error;
  return error instanceof Error && error.cause instanceof ReferenceError ? error.cause : undefined;
}

function place({ at }: Address): string {
  const [, file = at, position = ''] = /^(.*?)((?::\d+)*)$/s.exec(at) ?? [];
  return shortName(file) + position;
}

const label = (name: string): string => name || '<anonymous>';

function list(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
