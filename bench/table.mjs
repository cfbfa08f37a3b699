/** Tables of Markdown, aligned as a formatter leaves them. @module */

/** Makes a table of the texts in `head` and `lines`. */
export function table(head, lines) {
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(3, ...all.map((line) => line[column].length)));
  const text = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [text(head), text(widths.map((width) => '-'.repeat(width))), ...lines.map(text)].join('\n');
}

/** The text with a capital at its beginning. */
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
