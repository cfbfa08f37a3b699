/** The same program with its functions in a module of their own. @module */

import { extname } from 'node:path';
import type { Program } from './program.ts';

const region = /^\/\/#region jobs\n(?<jobs>[^]*?)^\/\/#endregion\n/gm;
const imports = /^(?:import\b[^]*?['"];?\n|const [^=\n]+ = require\([^)\n]*\);?\n)/gm;
const declared = /^(?:export )?(?:declare )?(?:async )?(?:const|let|var|function|class|enum)(?: |\*|\* )(?<name>\w+)/gm;
const taken = /^(?:export )?const [{[](?<names>[\w, ]+)[}\]] =/gm;

/** Whether a program says which of its statements would go to a module of their own. */
export function canSplit({ text }: Program): boolean {
  return text.includes('//#region jobs\n');
}

/**
 * The two files of the split form: what stands between `//#region jobs` and `//#endregion`, with all imports and an export
 * of each name; and all the rest, which imports those names. The lines of the program stay where they were.
 */
export function splitProgram({ name, text }: Program): Record<string, string> {
  const jobs = [...text.matchAll(region)].map((match) => match.groups?.['jobs'] ?? '').join('');
  const names = [
    ...[...jobs.matchAll(declared)].map((match) => match.groups?.['name'] ?? ''),
    ...[...jobs.matchAll(taken)].flatMap((match) => match.groups?.['names']?.match(/\w+/g) ?? []),
  ];
  const extension = extname(name);
  const file = `own-jobs${extension}`;
  const needed = [...text.replaceAll(region, '').matchAll(imports)].map(([statement]) => statement).join('');
  const shebang = /^#!.*\n/.exec(text)?.[0] ?? '';
  const rest = text.slice(shebang.length).replaceAll(region, '');
  // A name that is exported where it is declared already is not exported twice.
  const list = names.filter((it) => !new RegExp(`^export [^=(]*\\b${it}\\b`, 'm').test(jobs)).join(', ');
  const [give, take] =
    extension === '.cjs'
      ? [`module.exports = { ${names.join(', ')} };`, `const { ${names.join(', ')} } = require('./${file}');`]
      : [`export { ${list} };`, `import { ${names.join(', ')} } from './${file}';`];
  return { [file]: `${needed}${jobs}${give}\n`, [name]: `${shebang}${take}\n${rest}` };
}
