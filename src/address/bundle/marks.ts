/** Recognises, on the main side, files that a bundler has made of several modules. @module */

import { textOfFile } from './frames.ts';
import type { BundleFrame, BundleSpec } from './spec.ts';
import { loadedParts } from './loaded.ts';

/** A bundler whose output keeps modules as functions. */
export type Bundler = 'webpack' | 'Turbopack' | 'esbuild';

/** The runtime of webpack calls the function of a module: `modules[id](module, module.exports, require)`. */
const callOfModule = /([\w$]+)\[([\w$]+)\](?:\.call)?\((?:[\w$]+\.exports,\s*)?([\w$]+),\s*\3\.exports,\s*[\w$]+\)/;

/** How the output of each bundler is recognised: cheap, and no proof, which the thread looks for in the syntax tree. */
const marks: readonly (readonly [Bundler, RegExp])[] = [
  ['Turbopack', /^(?:\/\/[^\n]*\n|\s)*module\.exports\s*=\s*\[/],
  ['webpack', /\b(?:exports|[\w$]+)\.modules\s*=\s*\(?\{|\b__webpack_(?:esm_)?modules__\b/],
  ['webpack', callOfModule],
  // A lazy module runs once: `() => (fn && (res = fn(fn = 0)), res)`.
  ['esbuild', /\b__(?:esm|commonJS)\w*\s*=\s*\(|=\([\w$]+,[\w$]+(?:,[\w$]+)?\)=>\(\)=>/],
];

const known = new Map<string, Bundler | undefined>();

/** The bundler that seems to have made `file`, given by its path or its URL. */
export function bundlerOf(file: string): Bundler | undefined {
  if (!known.has(file)) {
    const text = textOfFile(file);
    known.set(file, text === undefined ? undefined : marks.find(([, mark]) => mark.test(text))?.[0]);
  }
  return known.get(file);
}

/** Whether `text` may have webpack's runtime. */
export function mayHaveRuntime(text: string): boolean {
  return callOfModule.test(text) || /\.require\s*=|\bexecOptions\b/.test(text);
}

/** The facts about a function that was wrapped at `frames`, if that seems to be in a bundle. */
export function bundleSpec(frames: readonly BundleFrame[]): BundleSpec | undefined {
  return isBundled(frames) ? { frames, loaded: loadedParts() } : undefined;
}

/** Whether `frames` seem to be in a bundle: the caller of the wrapper is. */
export function isBundled(frames: readonly BundleFrame[]): boolean {
  return frames.some(({ file }) => bundlerOf(file) !== undefined);
}
