/** Amounts and names as a terminal shows them. @module */

/** Text without the control characters that a file name may smuggle into a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

/** A whole number; a dash if there is none. */
export function count(number: number): string {
  return Number.isFinite(number) ? number.toLocaleString('en', { maximumFractionDigits: 0 }) : '–';
}

/** A number with two decimals. */
export function decimal(number: number): string {
  return number.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** A number of files. */
export function files(number: number): string {
  return `${count(number)} file${number === 1 ? '' : 's'}`;
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A size in decimal units, so that 1 MB is 1,000,000 bytes; a dash if there is none. */
export function bytes(number: number): string {
  if (!Number.isFinite(number)) return '–';

  let size = number;
  let power = 0;
  while (size >= 999.95 && power < units.length - 1) {
    size /= 1000;
    power += 1;
  }
  const digits = power === 0 ? 0 : 1;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${size.toLocaleString('en', options)} ${units[power]}`;
}
