/** Parses the command line. @module */

import { parseArgs } from 'node:util';
import { parallelism } from '../../pool/parallelism.ts';
import type { ServeArguments } from '../serve/serve-arguments.ts';

/** A command and its options. */
export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'demo'; readonly options: DemoArguments }
  | { readonly name: 'live'; readonly options: LiveArguments }
  | { readonly name: 'bench'; readonly options: BenchArguments }
  | { readonly name: 'top'; readonly options: TopArguments }
  | { readonly name: 'serve'; readonly options: ServeArguments };

/** The options of `offloop demo`. */
export interface DemoArguments {
  /** The file or folder, if one was named. */
  readonly path: string | undefined;
  readonly threads: number;
  readonly files: number;
  readonly json: boolean;

  /** The port of a monitor of the threads; 0 for any that is free, `undefined` for none. */
  readonly monitor: number | undefined;
}

/** The options of `offloop demo live`. */
export interface LiveArguments {
  /** The port of the page; 0 for any that is free. */
  readonly port: number;

  /** How long it runs, in milliseconds; `Infinity` until it is interrupted. */
  readonly time: number;

  /** Whether the page is opened in a browser. */
  readonly open: boolean;
}

/** The options of `offloop bench`. */
export interface BenchArguments {
  /** Part of the names of the rows or groups that are wanted; empty for all. */
  readonly filter: string;
  readonly quick: boolean;

  /** How many rounds of each row count, if not as many as the row says. */
  readonly rounds: number | undefined;

  /** The folder for the results, if they are to be written. */
  readonly save: string | undefined;
}

/** The options of `offloop top`. */
export interface TopArguments {
  /** The address of the monitor's page. */
  readonly url: string;
  readonly token: string | undefined;

  /** Whether samples are printed as JSON, one in each line. */
  readonly json: boolean;

  /** Whether it ends after the first sample. */
  readonly once: boolean;
}

/** A command line that makes no sense. Its message is meant for the user. */
export class UsageError extends Error {
  constructor(fact: string, options?: ErrorOptions) {
    super(`${fact} (see "offloop help")`, options);
  }
}

const defaultFiles = 5000;

/** The text that `offloop help` prints. */
export const help: string = `Usage: offloop <command> [options]

Commands:
  demo [path]    do heavy work over real files on the main thread, then off the event loop
                 path: a file or folder; by default ./node_modules
  demo live      read a stream in a thread, work on it in the pool, and show a page that draws it live
                 (a folder with the name live is ./live)
  bench [name]   measure what offloop costs beside other packages, as far as they are installed
                 name: part of the name of a row or a group, or several with | between; by default all, which takes
                 some minutes
  top URL        show in the terminal what the monitor at an address shows on its page
  serve MODULE…  run the wrapped functions of modules for the programs that call them through a fleet, over NATS
                 MODULE: a path, or the name of a package
  help           print this
  version        print the version

Options of demo:
  --threads N    how many worker threads (default: as many as the machine runs at once)
  --files N      how many files at most, or "all" (default: ${defaultFiles})
  --json         print the result as JSON
  --monitor PORT show what the threads do on a page of this machine; 0 for any port that is free

Options of demo live:
  --port N       the port of the page, on this machine only (default: any that is free)
  --for SECONDS  end after so many seconds (default: at Ctrl-C)
  --open         open the page in a browser

Options of bench:
  --quick        fewer and shorter rounds: for whether all works, not for figures
  --rounds N     how many rounds of each row count (default: as many as the row needs)
  --save FOLDER  also write the tables, the numbers and charts to a folder; rows that were not run stay there

Options of top:
  --token TOKEN  what the monitor asks for (default: the environment variable OFFLOOP_TOKEN)
  --json         print each sample as a line of JSON
  --once         end after the first sample

Options of serve:
  --nats URL     the server, as nats://host:port; several with commas between them (default: the environment variable
                 OFFLOOP_NATS, or 127.0.0.1:4222)
  --connection FILE  a file of JSON, or a module with a default export: more options of the client of NATS, such as
                 user, pass, token and tls
  --threads N    how many calls run at once (default: as many as the machine runs at once)
  --prefix WORD  the first word of all subjects and streams (default: offloop)
  --drain SECONDS  how long calls may take to end at SIGTERM, before their threads are ended (default: 30)
  --ack-wait MS  how long a node may give no sign of life before its calls go to another (default: 3000)
  --monitor PORT show what the threads do on a page of this machine; 0 for any port that is free
  --json         each line of the log is JSON
At SIGTERM and SIGINT a node takes no more calls, ends those that run, and exits with 0; with 1 if it had to drop one.
At SIGHUP it reads the modules anew, in a new process, and drops no call.`;

/**
 * Reads the arguments that follow the program's name.
 *
 * @throws {UsageError} if a command or an option is unknown, or a value cannot be.
 */
export function parseCommand(args: readonly string[]): Command {
  const [name, ...rest] = args;
  switch (name) {
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return { name: 'help' };
    case 'version':
    case '--version':
    case '-v':
      return { name: 'version' };
    case 'demo':
      return rest[0] === 'live' ? liveCommand(rest.slice(1)) : demoCommand(rest);
    case 'bench':
      return benchCommand(rest);
    case 'top':
      return topCommand(rest);
    case 'serve':
      return serveCommand(rest);
    default:
      throw new UsageError(`Unknown ${name.startsWith('-') ? 'option' : 'command'}: ${name}`);
  }
}

function demoCommand(args: readonly string[]): Command {
  const { values, positionals } = wellFormed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        threads: { type: 'string' },
        files: { type: 'string' },
        json: { type: 'boolean', default: false },
        monitor: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  );
  if (values.help) return { name: 'help' };

  const [path, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`Cannot take more than one path: ${positionals.join(' ')}`);
  if (path === '') throw new UsageError('Cannot take an empty path');

  const { threads, files, json, monitor } = values;
  return {
    name: 'demo',
    options: {
      path,
      threads: threads === undefined ? parallelism() : wholeNumber('--threads', threads),
      files: files === 'all' ? Infinity : wholeNumber('--files', files ?? String(defaultFiles)),
      json,
      monitor: monitor === undefined ? undefined : portOf('--monitor', monitor),
    },
  };
}

function liveCommand(args: readonly string[]): Command {
  const { values } = wellFormed(() =>
    parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        for: { type: 'string' },
        open: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  );
  if (values.help) return { name: 'help' };
  const port = portOf('--port', values.port ?? '0');
  const time = values.for === undefined ? Infinity : wholeNumber('--for', values.for) * 1000;
  if (time > longestTimer && time !== Infinity)
    throw new UsageError(`--for must be at most ${Math.floor(longestTimer / 1000)}: received ${time / 1000}`);
  return { name: 'live', options: { port, time, open: values.open } };
}

/** The longest time of a timer of Node.js, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

function benchCommand(args: readonly string[]): Command {
  const { values, positionals } = wellFormed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        save: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  );
  if (values.help) return { name: 'help' };
  if (values.save === '') throw new UsageError('Cannot take an empty path');
  const rounds = values.rounds === undefined ? undefined : wholeNumber('--rounds', values.rounds);
  return { name: 'bench', options: { filter: positionals.join(' '), quick: values.quick, rounds, save: values.save } };
}

function topCommand(args: readonly string[]): Command {
  const { values, positionals } = wellFormed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        token: { type: 'string' },
        json: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  );
  if (values.help) return { name: 'help' };
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw new UsageError('Needs one address, that of a monitor');
  const url = /^\d+$/u.test(given) ? `http://127.0.0.1:${given}/` : given;
  if (!URL.canParse(url) || !/^https?:/u.test(url))
    throw new UsageError(`Cannot read the address ${given}: expected http://…`);
  const token = values.token ?? process.env['OFFLOOP_TOKEN'];
  return { name: 'top', options: { url, token, json: values.json, once: values.once } };
}

function serveCommand(args: readonly string[]): Command {
  const { values, positionals } = wellFormed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        nats: { type: 'string' },
        connection: { type: 'string' },
        threads: { type: 'string' },
        prefix: { type: 'string', default: 'offloop' },
        drain: { type: 'string', default: '30' },
        'ack-wait': { type: 'string', default: '3000' },
        monitor: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    }),
  );
  if (values.help) return { name: 'help' };
  if (positionals.length === 0 || positionals.includes('')) throw new UsageError('Needs a module to serve');
  if (!/^[\w-]{1,64}$/u.test(values.prefix))
    throw new UsageError(`--prefix must be a word of letters, digits, - and _: received ${values.prefix}`);
  const servers = (values.nats ?? process.env['OFFLOOP_NATS'] ?? '127.0.0.1:4222').split(',');
  const deadline = wholeNumber('--drain', values.drain) * 1000;
  if (deadline > longestTimer) throw new UsageError(`--drain is too long: received ${values.drain}`);
  const ackWait = wholeNumber('--ack-wait', values['ack-wait']);
  if (ackWait < 500) throw new UsageError(`--ack-wait must be at least 500: received ${ackWait}`);
  return {
    name: 'serve',
    options: {
      modules: positionals,
      servers,
      threads: values.threads === undefined ? parallelism() : wholeNumber('--threads', values.threads),
      prefix: values.prefix,
      deadline,
      ackWait,
      connection: values.connection,
      json: values.json,
      monitor: values.monitor === undefined ? undefined : portOf('--monitor', values.monitor),
    },
  };
}

function wellFormed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;

    // Node adds a second sentence or line with advice on how to quote.
    const [fact = error.message] = error.message.split(/\. |\n/u);
    throw new UsageError(fact, { cause: error });
  }
}

function portOf(option: string, text: string): number {
  const port = text === '0' ? 0 : wholeNumber(option, text);
  if (port > 65_535) throw new UsageError(`${option} must be a port, at most 65535: received ${port}`);
  return port;
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/u.test(text)) throw new UsageError(`${option} must be a whole number from 1: received ${text}`);
  return Number(text);
}
