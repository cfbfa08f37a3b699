#!/usr/bin/env node
/** The command line. Exit codes: 1 for a failure, 2 for a wrong command line. @module */

import { OffloopError } from '../../base/errors.ts';
import { help, parseCommand, UsageError } from './args.ts';
import { version } from './manifest.ts';

/** Runs the command and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if (command.name === 'demo') {
    // Loaded only now: help needs neither the pool nor the progress bar.
    const { demoCommand } = await import('./demo.ts');
    return demoCommand(command.options);
  }
  if (command.name === 'live') {
    const { liveCommand } = await import('./live.ts');
    return liveCommand(command.options);
  }
  if (command.name === 'top') {
    const { topCommand } = await import('./top.ts');
    return topCommand(command.options);
  }
  if (command.name === 'serve') {
    const { serveCommand } = await import('./serve.ts');
    return serveCommand(command.options);
  }
  if (command.name === 'bench') {
    const { benchCommand } = await import('./bench.ts');
    return benchCommand(command.options);
  }

  console.log(command.name === 'help' ? help : version());
  return 0;
}

// The program that reads the output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  // An expected error is printed as one line, an unexpected one with its stack.
  console.error(isExpected(error) ? `offloop: ${error.message}` : error);
}

function isExpected(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof OffloopError || (error instanceof Error && 'syscall' in error);
}
