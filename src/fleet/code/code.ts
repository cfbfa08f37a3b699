/** Tells the code of a module from any other code of it. @module */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OffloopError } from '../../base/errors.ts';
import { importsOf } from './imports-of.ts';
import { moduleName } from './place.ts';
import { meantBy } from './resolve.ts';

/** A module, and which code it is. */
export interface Code {
  /** The module's package and its path in there, the same on every machine: `shop/src/jobs.mjs`. */
  readonly module: string;

  /**
   * The hash of its text, of the texts of the files that it imports by their paths and those that these import, and of the
   * versions of the packages that all of them import.
   */
  readonly hash: string;
}

/** How many digits of a hash are used: two codes do not share so many by chance. */
const digits = 20;

/**
 * The code of the module at `url`, as its files are now.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NO_MODULE` if it is no file, or cannot be read.
 */
export function codeOf(url: string): Code {
  const path = pathOf(url);
  const module = moduleName(path);
  const facts: string[] = [];
  const seen = new Set([path]);
  for (const file of seen) {
    const text = textOf(file, url);
    facts.push(`file ${relative(dirname(path), file).split(sep).join('/')} ${sha(text)}`);
    if (/\.(?:json|node|wasm)$/.test(file)) continue;
    for (const name of importsOf(text.toString('utf8'))) {
      const meant = meantBy(name, file);
      if (meant && 'file' in meant) seen.add(meant.file);
      else if (meant) facts.push(`package ${meant.package} ${meant.version}`);
    }
  }
  const all = [module, ...new Set(facts.toSorted())].join('\n');
  return { module, hash: sha(all).slice(0, digits) };
}

function pathOf(url: string): string {
  if (!url.startsWith('file:')) throw noFile(url);
  return fileURLToPath(url.replace(/[?#].*$/, ''));
}

function textOf(file: string, url: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw noFile(url, cause);
  }
}

function noFile(url: string, cause?: unknown): OffloopError {
  const text = `Cannot tell the code of ${url}: it is no file that can be read, so that no other machine can have the same`;
  return new OffloopError('ERR_OFFLOOP_NO_MODULE', text, cause === undefined ? {} : { cause });
}

const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
