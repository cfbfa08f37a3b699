/** The runner's end of a contestant: its process, and the figures of its rounds. @module */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { threads } from './contestants.mjs';

const child = fileURLToPath(new URL('./child.mjs', import.meta.url));

/** The time limit of a round, in milliseconds: a process that takes longer is killed. */
const longestRound = 60_000;

/**
 * Runs the rows of a group, one after the other, each after a `begin`.
 *
 * Invariant: `figures` has one number for each round of the row that counted, and so have `cpus` and `sides` if the row
 * knows them.
 */
export class Contestant {
  name;
  note;
  /** Whether the contestant is meant to work in the main thread. */
  isOnMain;
  figures;
  cpus;
  sides;
  answers;
  /** The fewest threads in which a round ran, if the row tells. */
  used;
  /** Why the contestant has no figures: it cannot do this row, or it failed at it. */
  cannot;
  failure;
  /** The CPU time of its process so far, in milliseconds. */
  spent = 0;
  #process;

  constructor({ name, note, isOnMain = false }, group) {
    this.name = name;
    this.note = note;
    this.isOnMain = isOnMain;
    this.#process = fork(child, [name, group.title], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** Waits until the contestant's threads have started. */
  async ready() {
    await this.#next();
  }

  /** Begins a row with empty figures. A contestant whose process has ended fails at all further rows. */
  async begin(row, { size, leadIn }) {
    Object.assign(this, { figures: [], cpus: [], sides: [], answers: 0, used: threads, cannot: false });
    if (!this.#isAlive) return;
    this.#process.send({ row: row.name, size, leadIn });
    const answer = await this.#next();
    this.cannot = answer?.cannot === true;
  }

  /** Runs a round. A round that does not count warms up; its answers must be right, too. */
  async round({ counts }) {
    if (this.cannot || this.failure !== undefined) return;
    this.#process.send('round');
    const result = await this.#next();
    if (!result) return;
    this.answers += result.answers ?? 0;
    this.used = Math.min(this.used, result.used ?? threads);
    if (!counts) return;
    this.figures.push(result.figure);
    if (result.cpu !== undefined) this.cpus.push(result.cpu);
    if (result.side !== undefined) this.sides.push(result.side);
  }

  async stop() {
    if (!this.#isAlive) return;
    this.#process.kill();
    await once(this.#process, 'exit');
  }

  get #isAlive() {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Waits for the next message; if there is none, sets `failure` to the reason. */
  async #next() {
    const over = new AbortController();
    const late = setTimeout(() => this.#process.kill(), longestRound);
    const heard = (event) => once(this.#process, event, { signal: over.signal });
    const ended = heard('exit').then(([code, signal]) => [{ error: `its process ended: ${code ?? signal}` }]);

    const [{ error, spent, ...message }] = await Promise.race([heard('message'), ended]);
    over.abort();
    clearTimeout(late);
    this.failure = error;
    this.spent = spent ?? this.spent;
    return error === undefined ? message : undefined;
  }
}
