/** The runner's end of a contestant: its process, and what its rounds gave. @module */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { threads } from './contestants.mjs';

const child = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** In milliseconds; a process that takes longer hangs, and is killed. */
const longestRound = 60_000;

/** Invariant: `figures` has one number for each round that counted, and so has `cpus` where the row knows it. */
export class Contestant {
  name;
  figures = [];
  cpus = [];
  answers = 0;
  /** The fewest threads that a round ran in, where the row tells. */
  used = threads;
  /** Of the processors, by its process so far, in milliseconds. */
  spent = 0;
  /** Why it has no figures: it cannot do this row, or it failed at it. */
  cannot = false;
  failure;
  #process;

  constructor({ name }, row, size) {
    this.name = name;
    this.#process = fork(child, [name, row.name, size], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  get isRunning() {
    return !this.cannot && this.failure === undefined;
  }

  /** Waits until its threads are there. */
  async ready() {
    const answer = await this.#next();
    this.cannot = answer?.cannot === true;
  }

  /** Runs a round; one that does not count warms up, but its answers must be right as well. */
  async round({ counts }) {
    if (!this.isRunning) return;
    this.#process.send('round');
    const result = await this.#next();
    if (!result) return;
    this.answers += result.answers ?? 0;
    this.used = Math.min(this.used, result.used ?? threads);
    this.spent = result.spent;
    if (!counts) return;
    this.figures.push(result.figure);
    if (result.cpu !== undefined) this.cpus.push(result.cpu);
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill();
    await once(this.#process, 'exit');
  }

  /** The next message; without one, says why in `failure`. */
  async #next() {
    const over = new AbortController();
    const late = setTimeout(() => this.#process.kill(), longestRound);
    const heard = (event) => once(this.#process, event, { signal: over.signal });
    const ended = heard('exit').then(([code, signal]) => [{ error: `its process ended: ${code ?? signal}` }]);

    const [{ error, ...message }] = await Promise.race([heard('message'), ended]);
    over.abort();
    clearTimeout(late);
    this.failure = error;
    return error === undefined ? message : undefined;
  }
}
