/** What a development server and the threads that run its modules tell each other: types only. @module */

/** How a thread reaches the development servers of this process. */
export interface ServerAddress {
  /** The name of the `BroadcastChannel` on which they answer. */
  readonly channel: string;

  /** The file URL of Vite's module runner. */
  readonly runner: string;
}

/** What a thread asks. */
export interface Question {
  /** Unique among all threads; the answer has it too. */
  readonly id: string;

  /** The module that the server has under its id; or what Vite's module runner asks of the environment `where`. */
  readonly ask: { readonly module: string } | { readonly where: Where; readonly payload: unknown };
}

/** An environment of a development server: the number of the server, and the environment's name. */
export interface Where {
  readonly server: number;
  readonly environment: string;
}

/** What the thread is told. */
export interface Answer {
  readonly answers: string;

  /** `undefined` if no server has the module, or the server was closed. */
  readonly result: unknown;
}

/** A module of a development server. */
export interface ServedModule {
  readonly where: Where;

  /** The URL by which the server's module runners import it. */
  readonly url: string;
}
