import { threaded } from 'offloop';

//#region jobs
interface Options {
  readonly depth: number;
  readonly name?: string;
}

const base = { depth: 2 } as const satisfies Options;

const show = threaded(function show<T extends Options>(options: T): string {
  return `${options.name ?? 'none'}/${options.depth + base.depth}`;
});
//#endregion

async function main(argv: readonly string[]): Promise<void> {
  const [name] = argv;
  console.log(await show({ depth: 1, ...(name !== undefined && { name }) }));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

//! works
//! args tree
//> tree/3
