/** The modules that the text of a module names. @module */

/** After one of these words, a text in quotes is the name of a module. */
const named = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(?:\/\*[\s\S]*?\*\/\s*)*(?<quote>['"])(?<name>[^'"\n]+)\k<quote>/g;

/**
 * The names in `import`, `export … from`, `import()` and `require()` in `text`, each once, in order. A name in a comment or a
 * text counts too: one name too many only means that one more file has to be the same.
 */
export function importsOf(text: string): string[] {
  return [...new Set(Array.from(text.matchAll(named), ({ groups }) => groups?.['name'] ?? ''))];
}
