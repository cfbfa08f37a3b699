/** Draws the event-loop delay of several phases as bars side by side. @module */

import type { DelayBand, LoopDelay } from './delay.ts';

/** One column of the chart. */
export interface ChartColumn {
  readonly title: string;
  readonly delay: LoopDelay;
}

const labelWidth = 12;
const barWidth = 20;
const shareWidth = 8;
const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * Draws one line for each band of delays, from the first to the last that any column has a share of. Each column's bars
 * are shares of its own time; any share above zero is visible. No lines if nothing was timed.
 */
export function delayChart(columns: readonly ChartColumn[]): string[] {
  const bands = columns.find(({ delay }) => delay.bands.length > 0)?.delay.bands ?? [];
  const shares = bands.map((_, index) => columns.map(({ delay }) => delay.bands[index]?.share ?? 0));
  const filled = shares.map((row) => row.some((share) => share > 0));
  const first = filled.indexOf(true);
  if (first === -1) return [];

  const header = line(
    '',
    columns.map(({ title }) => title),
  );
  const rows = shares.map((row, index) => line(label(bands, index), row.map(cell)));
  return [header, ...rows.slice(first, filled.lastIndexOf(true) + 1)];
}

function line(name: string, cells: readonly string[]): string {
  const columns = cells.map((text) => text.padEnd(barWidth + shareWidth + 1));
  return [name.padStart(labelWidth), ...columns].join('  ').trimEnd();
}

function label(bands: readonly DelayBand[], index: number): string {
  const from = bands[index]?.from ?? 0;
  const to = bands[index + 1]?.from;
  return to === undefined ? `${from} ms or more` : `${from}–${to} ms`;
}

function cell(share: number): string {
  if (share === 0) return '';

  const filled = Math.max(1, Math.round(share * barWidth * 8));
  const drawn = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  const percent = share < 0.001 ? '<0.1 %' : `${(share * 100).toFixed(1)} %`;
  return `${drawn} ${percent}`;
}
