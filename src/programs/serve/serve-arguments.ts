/** What `offloop serve` tells the process of its node. @module */

/** The options of `offloop serve`. */
export interface ServeArguments {
  /** Paths, or names of packages. */
  readonly modules: readonly string[];
  readonly servers: readonly string[];
  readonly threads: number;
  readonly prefix: string;

  /** How long calls that run may take to end once the node is told to, in milliseconds. */
  readonly deadline: number;

  /** After how many milliseconds without a sign of life a call is delivered to another node. */
  readonly ackWait: number;

  /** The file with further options of the client of NATS. */
  readonly connection: string | undefined;

  /** Whether lines of the log are JSON. */
  readonly json: boolean;

  /** The port of a monitor of the threads; 0 for any that is free. */
  readonly monitor: number | undefined;
}
