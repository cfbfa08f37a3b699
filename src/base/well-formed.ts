/** Recognises text that UTF-8 encodes without loss. @module */

/** Whether `text` has no lone surrogates. The types of the oldest supported Node.js lack `isWellFormed`. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}
