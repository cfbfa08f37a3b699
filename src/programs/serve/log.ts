/** Lines of the log of a node. @module */

/** Something that has happened. */
export interface Event {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** One line that tells of `event`, now, in this process. */
export function lineOf(event: Event, isJson: boolean): string {
  const { event: name, ...facts } = event;
  const time = new Date().toISOString();
  if (isJson) return JSON.stringify({ time, pid: process.pid, event: name, ...facts });
  const words = Object.entries(facts).map(([key, value]) => `${key}=${textOf(value)}`);
  return [time, process.pid, name, ...words].join(' ');
}

function textOf(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return /[\s"]/.test(text) ? JSON.stringify(text) : text;
}
