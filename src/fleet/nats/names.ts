/** The names of streams and subjects. @module */

/** The names of one fleet, whose first word is `prefix`. */
export class Names {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The stream of the calls of a code, the subject of its calls, and the consumer that all nodes share. */
  stream(hash: string): string {
    return `${this.#prefix}-calls-${hash}`;
  }

  subject(hash: string): string {
    return `${this.#prefix}.calls.${hash}`;
  }

  readonly consumer = 'nodes';

  /** What a caller or node with the id `id` hears: from a peer; that nobody is there; of its calls and pulls. */
  inbox(id: string): string {
    return `${this.#prefix}.at.${id}.>`;
  }

  from(peer: string, id: string): string {
    return `${this.#prefix}.at.${id}.from.${peer}`;
  }

  nobody(peer: string, id: string): string {
    return `${this.#prefix}.at.${id}.nobody.${peer}`;
  }

  stored(call: number, id: string): string {
    return `${this.#prefix}.at.${id}.stored.${call}`;
  }

  pulled(hash: string, id: string): string {
    return `${this.#prefix}.at.${id}.pulled.${hash}`;
  }

  /** Where nodes answer a question for all of them; no part of the inbox. */
  nodes(id: string): string {
    return `${this.#prefix}.nodes.${id}`;
  }

  /** What a subject of an inbox is about, and which. */
  read(subject: string): readonly [about: string, which: string] {
    const [, , , about = '', which = ''] = subject.split('.');
    return [about, which];
  }

  givenUp(hash: string): string {
    return `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${this.stream(hash)}.${this.consumer}`;
  }

  next(hash: string): string {
    return `$JS.API.CONSUMER.MSG.NEXT.${this.stream(hash)}.${this.consumer}`;
  }

  /** The name of the service that the nodes are. */
  get service(): string {
    return this.#prefix;
  }
}

/** The settings of the stream of a code. `more` are the user's. */
export function streamConfig(
  names: Names,
  hash: string,
  more: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    storage: 'file',
    duplicate_window: 120e9,
    ...more,
    name: names.stream(hash),
    subjects: [names.subject(hash)],
    retention: 'workqueue',
  };
}
