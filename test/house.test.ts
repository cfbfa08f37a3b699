/** The folders of the source stand on each other as `docs/architecture.md` draws them. @module */

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './support/run.ts';

/** From above to below; a folder imports from lines below its own only. Folders of one line are separated by blanks. */
const storeys = drawing('');
const levels = levelsOf(storeys);

const files = ['src', 'workers'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.c?ts$/.test(name))
    .map((name) => `${folder}/${name}`),
);
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** The lines that name folders, or files beside them, in the picture of `src/`, or of a layer (`streams/`). */
function drawing(layer: string): string[][] {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const [, picture = ''] = new RegExp(`\`\`\`text\nsrc/${layer}\n([^\`]*?)(?:workers/|\`\`\`)`).exec(page) ?? [];
  const lines = picture
    .split('\n')
    .map((line) => /^ {2}(?<names>(?:[a-z-]+(?:\/|\.ts) +)+)/.exec(line)?.groups?.['names'] ?? '');
  return lines
    .map((line) => line.split(' ').flatMap((name) => name.replace(/\/$/, '') || []))
    .filter((names) => names.length > 0);
}

function levelsOf(lines: readonly string[][]): Map<string, number> {
  return new Map(lines.flatMap((names, level) => names.map((name) => [name, level] as const)));
}

/** The imports between folders of `src/`, or of a layer of it, that do not go down. */
function wrongArrows(layer: string, order: ReadonlyMap<string, number>): string[] {
  const within = `src/${layer}`;
  const partOf = (path: string): string => path.slice(within.length).split('/')[0] ?? '';
  return files
    .filter((file) => file.startsWith(within))
    .flatMap((file) =>
      (imports.get(file) ?? [])
        .filter((path) => path.startsWith(within) && partOf(path) !== partOf(file))
        .filter((path) => (order.get(partOf(path)) ?? -1) <= (order.get(partOf(file)) ?? Infinity))
        .map((path) => `${file} -> ${path}`),
    );
}

/** The imports of a file, of types too; modules of this package by their paths. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(?:\/\*)?\*.*$/gm, '');
  const found = [
    ...text.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm),
  ];
  return found.map(([, from, called, bare]) => {
    const name = from ?? called ?? bare ?? '';
    return name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
  });
}

describe('a folder of src', () => {
  test('is in the picture', () => {
    const folders = readdirSync(join(root, 'src')).filter((name) => !levels.has(name));

    expect(folders).toEqual([]);
    expect(storeys.flat().filter((name) => !readdirSync(join(root, 'src')).includes(name))).toEqual([]);
    expect(storeys.length).toBeGreaterThan(10);
  });

  test('imports from below only', () => {
    expect(wrongArrows('', levels)).toEqual([]);
  });

  test('says at the head of each file what that is for', () => {
    const silent = files.filter(
      (file) => !/^(?:#!.*\n+)?\/\*\*[\s\S]*?@module/.test(readFileSync(join(root, file), 'utf8')),
    );

    expect(silent).toEqual([]);
  });
});

describe.each(['pool/', 'call/', 'streams/', 'objects/', 'objects/bytes/', 'objects/links/'])(
  'a folder of src/%s',
  (layer) => {
    const lines = drawing(layer);

    test('is in the picture, beside the files there', () => {
      expect(lines.flat().toSorted()).toEqual(readdirSync(join(root, 'src', layer)).toSorted());
    });

    test('imports from below only', () => {
      expect(wrongArrows(layer, levelsOf(lines))).toEqual([]);
    });
  },
);

describe('a file of src', () => {
  test('is not in a circle of imports', () => {
    expect(circles()).toEqual([]);
  });

  test('imports no package that is not a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const strange = files.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter((name) => !/^(?:src|workers)\//.test(name) && !builtin.has(name) && !name.startsWith('node:'))
        .filter((name) => !Object.hasOwn(dependencies, name.split('/')[0] ?? ''))
        .map((name) => `${file}: ${name}`),
    );

    // The bench is no part of the library: the command loads it where it is there.
    expect(strange.filter((it) => !/bench/.test(it))).toEqual([]);
  });
});

test('a record of a message is made in one place', () => {
  const makers = ['down.ts', 'messages.ts', 'up.ts'].map((name) => `src/wire/${name}`);
  const strange = files
    .filter((file) => !makers.includes(file))
    .filter((file) => /\[\s*(?:(?:Down|Up)\.|(?:run|shape)Tag\b)/.test(readFileSync(join(root, file), 'utf8')));

  expect(strange).toEqual([]);
});

/**
 * A test stands where its subject does: every folder of the tests that has the name of none of the source is one of
 * these.
 */
const others = ['cli', 'bench', 'consumers', 'corpus', 'fixtures', 'own-file', 'programs', 'support', 'types'];

test('a folder of the tests is about one of src', () => {
  const folders = readdirSync(join(root, 'test'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

  expect(folders.map(({ name }) => name).filter((name) => !levels.has(name) && !others.includes(name))).toEqual([]);
});

/** Each circle, by the files in it. */
function circles(): string[][] {
  const done = new Set<string>();
  const path: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of imports.get(file) ?? []) if (imports.has(next)) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of files) visit(file);
  return found;
}
