/** Which text UTF-8 keeps. @module */

/** Whether `text` has no lone surrogates. The floor's types do not know the method, which all supported Nodes have. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
