/** Reads the places of a call in the code of a bundle from the stack. @module */

import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Frame } from '../frame.ts';
import { pathOf } from '../file-url.ts';
import { isServedByWebpack } from '../hot/webpack.ts';
import { besideRuntimes, compiled, loadedParts } from './loaded.ts';
import type { BundleFrame } from './spec.ts';

/**
 * The places of `frames` that are in files, innermost first. A bundler's development build runs each module by an `eval`,
 * which is named after the module: its place is that of the `eval`.
 */
export function bundleFrames(frames: readonly Frame[]): BundleFrame[] {
  return frames.flatMap((frame, index) => {
    const file = frame.getFileName();
    const position = frame.getPosition?.() ?? -1;
    if (file) return isFile(file) && position >= 0 ? { file, position } : [];
    if (!frame.isEval()) return [];
    const name = frame.getScriptNameOrSourceURL?.() ?? '';
    if (name !== '' && !ofBundler.test(name)) return [];
    const caller = placeOf(frames.slice(index + 1).find((it) => !it.isEval()));
    const isOdd = name === '' && caller !== undefined && !isEvalOfModule(caller);
    const outer = isOdd ? undefined : (caller ?? chunkOf(name));
    return outer ? { ...outer, inner: position } : [];
  });
}

/** The name of a module's text. */
const ofBundler = /^(?:webpack|rspack)[\w-]*:\/\//;

/** The text, as a string, of a module with a name that V8 drops. */
const ofOddName = /sourceURL=(?:webpack|rspack)[\w-]*:\/\/(?:[^\\\n]*)[\s']/;

/**
 * Whether a module is evaluated at `place`, under a name that V8 has dropped, as it has a blank or a quote. Where a
 * development server writes the file anew, that may have another text by now, so it does not count.
 */
function isEvalOfModule({ file, position }: BundleFrame): boolean {
  if (isServedByWebpack()) return false;
  const text = textOfFile(file) ?? '';
  // In threads positions are a little off: more stands at the head of a chunk there.
  const [line = ''] = text.slice(text.lastIndexOf('\n', position) + 1).split('\n', 1);
  return line.trimStart().startsWith('eval(') && ofOddName.test(line);
}

const isFile = (file: string): boolean => file.startsWith('file:') || isAbsolute(file);

function placeOf(frame: Frame | undefined): BundleFrame | undefined {
  const file = frame?.getFileName();
  const position = frame?.getPosition?.();
  return file && isFile(file) && position !== undefined ? { file, position } : undefined;
}

/** The place of the `eval` with the name `name` in a chunk, for code after an `await`, whose caller is gone. */
function chunkOf(name: string): BundleFrame | undefined {
  if (name === '') return undefined;
  for (const file of [...loadedParts(), ...compiled, ...besideRuntimes()]) {
    const position = textOfFile(file)?.indexOf(`sourceURL=${name}`) ?? -1;
    if (position >= 0) return { file, position };
  }
  return undefined;
}

/** The text of a file, given by its path or its URL. */
export function textOfFile(file: string): string | undefined {
  try {
    return readFileSync(file.startsWith('file:') ? (pathOf(file) ?? '') : file, 'utf8');
  } catch {
    return undefined;
  }
}
