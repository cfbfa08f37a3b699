/** Reads the imports of a bundle that is an ES module. @module */

import type { Node } from '../view/syntax.ts';

/** A binding of an `import`. */
export interface Imported {
  readonly local: string;
  readonly from: string;

  /** The exported name; `undefined` for the whole module. */
  readonly name: string | undefined;
}

/** The bindings of all imports among `body`. */
export function importsOf(body: readonly Node[]): Imported[] {
  return body.flatMap((it) =>
    it.type === 'ImportDeclaration'
      ? it.specifiers.map((one) => ({ local: one.local.name, from: String(it.source.value), name: exportedName(one) }))
      : [],
  );
}

type Specifier = Extract<Node, { type: 'ImportDeclaration' }>['specifiers'][number];

function exportedName(it: Specifier): string | undefined {
  if (it.type === 'ImportNamespaceSpecifier') return undefined;
  if (it.type === 'ImportDefaultSpecifier') return 'default';
  return it.imported.type === 'Identifier' ? it.imported.name : String(it.imported.value);
}
