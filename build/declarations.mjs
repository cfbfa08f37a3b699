/**
 * Writes the declarations that the package ships, from those that `tsc` has made: what its entries need and nothing
 * else. Both builds share one set of them, so that a class has one type however it was imported. The set is CommonJS,
 * because an ES module may import from CommonJS in every version of TypeScript, but not the other way round. @module
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const relativeImport = /(?<=\b(?:from |import\(|import )["'])(\.{1,2}\/[^"']+)\.[jt]s(?=["'])/g;

/** Comments have examples, which import files of the reader's own. */
const comments = /\/\*[\s\S]*?\*\//g;
const commentOrImport = new RegExp(`${comments.source}|${relativeImport.source}`, 'g');

/** Writes them beside the declarations in the folder `made`. The `entries` are paths there, without extension. */
export function writeDeclarations(made, entries) {
  const open = [...entries];
  const seen = new Set(open);
  for (const name of open) {
    const text = readFileSync(join(made, `${name}.d.ts`), 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
    for (const [, path] of text.replaceAll(comments, '').matchAll(relativeImport)) {
      const needed = join(dirname(name), path).replaceAll('\\', '/');
      if (!seen.has(needed)) open.push(needed);
      seen.add(needed);
    }
    const adapted = text.replaceAll(commentOrImport, (part, path) => (path ? `${path}.cjs` : part));
    writeFileSync(join(made, `${name}.d.cts`), adapted);
  }
  for (const name of entries) writeFileSync(join(made, `${name}.d.ts`), `export * from './index.cjs';\n`);
}
