/** Small projects of a user's, in folders of their own that have the package installed. @module */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from './run.ts';

/** Writes `files` to a new folder, with links to the package and to `packages` of its own; gone after the test. */
export function project(files: Readonly<Record<string, string>>, packages: readonly string[] = []): string {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tmp', 'project-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, { 'package.json': '{ "type": "module", "private": true }', ...files });
  link(folder, 'offloop', root);
  for (const name of packages) link(folder, name, join(root, 'node_modules', name));
  return folder;
}

/** Writes more files into a project. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

function link(folder: string, name: string, target: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
}

/** An empty folder inside the package, from which the package can be imported by its name. */
export function folderFor(name: string): string {
  const folder = join(root, '.tmp', `${name}-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
