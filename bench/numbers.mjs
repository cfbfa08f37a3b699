/** Formats numbers for readers. @module */

/** Three significant digits, or all digits before the point. */
export function digits(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en');
  return number >= 10 ? number.toFixed(1) : number.toFixed(number >= 0.1 || number === 0 ? 2 : 3);
}
