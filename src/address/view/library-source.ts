/** Tells under which sources a module imports the library. @module */

import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL, URL } from 'node:url';
import type { ModuleFormat } from '../address.ts';

/** How a module is found, and how the library is. */
export interface SourceFacts {
  /** Names and URLs of the library. */
  readonly libraries: readonly string[];
  readonly format: ModuleFormat;

  /** The URL of the module, if its file is known. */
  readonly url?: string | undefined;
}

/** Whether a module imports the library by a source: its name, or its file, as some bundlers write it, in any form. */
export function librarySource({ libraries, format, url }: SourceFacts): (source: string) => boolean {
  const known = new Set(libraries);
  return (source) => {
    if (known.has(source)) return true;
    if (!url?.startsWith('file:') || !/^(?:\.{0,2}\/|[a-z]:\\)/i.test(source)) return false;
    // `require` takes paths, and `import` URLs.
    const file =
      format === 'commonjs' ? pathToFileURL(resolve(dirname(fileURLToPath(url)), source)) : new URL(source, url);
    return known.has(file.href);
  };
}
