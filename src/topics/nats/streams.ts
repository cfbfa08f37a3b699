/** The JetStream streams that have the messages of topics. @module */

import { createHash } from 'node:crypto';
import { now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { brokerError } from '../broker-error.ts';
import type { Connection } from './connection.ts';
import { pause } from '../../base/pause.ts';

/** Finds the stream that has a subject, or makes one, and remembers it. */
export class Streams {
  readonly #connection: Connection;
  readonly #config: Readonly<Record<string, unknown>>;
  readonly #names = new Map<string, Promise<string>>();

  constructor(connection: Connection, config: Readonly<Record<string, unknown>>) {
    this.#connection = connection;
    this.#config = config;
  }

  /**
   * The name of the stream of a topic.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if there can be none, `ERR_OFFLOOP_TIMEOUT` if the server has not answered until
   * `deadline`.
   */
  nameOf(topic: string, deadline: number): Promise<string> {
    let name = this.#names.get(topic);
    if (name) return name;
    name = this.#find(topic, deadline);
    this.#names.set(topic, name);
    name.catch(() => this.#names.delete(topic));
    return name;
  }

  /** The stream may be gone. */
  forget(topic: string): void {
    this.#names.delete(topic);
  }

  async #find(topic: string, deadline: number): Promise<string> {
    for (;;) {
      try {
        return await this.#connection.ask(async ({ manager }) => manager.streams.find(topic));
      } catch (error) {
        if (error instanceof OffloopError) throw error;
        if (isMissing(error)) {
          const made = await this.#make(topic);
          if (made !== undefined) return made;
        } else if (!isUnanswered(error)) throw brokerError(`Cannot find the stream of the topic ${topic}`, error);
        if (now() >= deadline) {
          const text = `The server did not say in time which stream the topic ${topic} has`;
          throw new OffloopError('ERR_OFFLOOP_TIMEOUT', text, { cause: error });
        }
      }
      await pause(100);
    }
  }

  /** Gives nothing where the server has not answered, or another one has made it meanwhile. */
  async #make(topic: string): Promise<string | undefined> {
    // A stream's name has no dots.
    const name = topic.replaceAll('.', '_');
    const own = `${name}-${createHash('sha256').update(topic).digest('hex').slice(0, 8)}`;
    return this.#makeNamed(topic, name, async () => this.#makeNamed(topic, own));
  }

  /** Does `otherwise` where another topic has a stream of this name, as `a.b` has that of `a_b`. */
  async #makeNamed(
    topic: string,
    name: string,
    otherwise?: () => Promise<string | undefined>,
  ): Promise<string | undefined> {
    try {
      const options = { name, subjects: [topic], ...this.#config };
      const { config } = await this.#connection.ask(async ({ manager }) => manager.streams.add(options));
      return config.name;
    } catch (error) {
      if (isUnanswered(error) || (await this.#isThere(topic))) return undefined;
      if (otherwise && /already in use/i.test(String(error))) return otherwise();
      throw brokerError(`Cannot make the stream ${name} of the topic ${topic}`, error);
    }
  }

  async #isThere(topic: string): Promise<boolean> {
    try {
      return (await this.#connection.ask(async ({ manager }) => manager.streams.find(topic))) !== undefined;
    } catch {
      return false;
    }
  }
}

/** Whether the server has said that there is none. */
export function isMissing(error: unknown): boolean {
  return /no stream matches subject|stream not found|consumer not found/i.test(String(error));
}

/** Whether the server has not answered, and may later. */
export function isUnanswered(error: unknown): boolean {
  const name = (error as Error | null)?.name ?? '';
  return (
    /Timeout|Connection|Request|NoResponders|JetStreamNotEnabled/.test(name) || /503|unavailable/i.test(String(error))
  );
}
