/** Reads the places of a call in the code of a bundle from the stack. @module */

import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Frame } from '../call-site.ts';
import { pathOf } from '../file-url.ts';
import type { BundleFrame } from './spec.ts';

/** The file of a frame. A bundler's development build runs each module by an `eval`, which is named after the module. */
export function fileOf(frame: Frame | undefined): string | null | undefined {
  return frame?.getFileName() ?? evalOf(frame)?.file;
}

/** The places of `frames` that are in files, innermost first. */
export function bundleFrames(frames: readonly Frame[]): BundleFrame[] {
  return frames.flatMap((frame) => {
    const file = frame.getFileName();
    const position = frame.getPosition?.() ?? -1;
    if (file) return isFile(file) && position >= 0 ? { file, position } : [];
    const origin = evalOf(frame);
    const offset = origin && offsetIn(origin);
    return origin && offset !== undefined ? { file: origin.file, position: offset, inner: position } : [];
  });
}

interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where the `eval` of a frame stands, if a bundler made it. */
function evalOf(frame: Frame | undefined): Origin | undefined {
  if (!frame?.isEval() || !/^(?:webpack|rspack)[\w-]*:\/\//.test(frame.getScriptNameOrSourceURL?.() ?? '')) return undefined;
  const [, file = '', line, column] = /\(([^()]*(?:\([^()]*\)[^()]*)*):(\d+):(\d+)\)$/.exec(frame.getEvalOrigin() ?? '') ?? [];
  return isFile(file) ? { file, line: Number(line), column: Number(column) } : undefined;
}

const isFile = (file: string): boolean => file.startsWith('file:') || isAbsolute(file);

function offsetIn({ file, line, column }: Origin): number | undefined {
  const text = textOfFile(file);
  if (text === undefined) return undefined;
  let start = 0;
  for (let i = 1; i < line; i += 1) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

/** The text of a file, given by its path or its URL. */
export function textOfFile(file: string): string | undefined {
  try {
    return readFileSync(file.startsWith('file:') ? (pathOf(file) ?? '') : file, 'utf8');
  } catch {
    return undefined;
  }
}
