/** Test runners that run modules by themselves, in contexts of their own, as a user has them installed. @module */

import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fixture, root } from '../support/run.ts';
import { project } from '../support/project.ts';
import { command, copySuite, installed } from './installed.ts';

const suite = readFileSync(fixture('consumers/suite.ts'), 'utf8');
const count = suite.match(/^test\(/gm)?.length;

const transforms = {
  'ts-jest': { tsconfig: './tsconfig.json' },
  '@swc/jest': { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
  'babel-jest': { presets: [['@babel/preset-env', { targets: { node: 'current' } }], '@babel/preset-typescript'] },
};
const toModules = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } };
const jestProject = (transform: string, options: object) => ({
  displayName: transform,
  rootDir: '.',
  transform: { '\\.ts$': [transform, options] },
});

const jestFiles = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'es2022',
      module: 'commonjs',
      moduleResolution: 'node10',
      strict: true,
      types: ['node'],
    },
  }),
  'commonjs.json': JSON.stringify({
    testTimeout: 60_000,
    projects: Object.entries(transforms).map(([transform, options]) => jestProject(transform, options)),
  }),
  'modules.json': JSON.stringify({
    testTimeout: 60_000,
    projects: [{ ...jestProject('@swc/jest', toModules), extensionsToTreatAsEsm: ['.ts'] }],
  }),
};
const jestPackages = [
  'jest@30.5.2',
  'ts-jest@29.4.15',
  '@swc/jest@0.2.39',
  '@swc/core@1.13.5',
  'babel-jest@30.5.2',
  '@babel/core@7.28.5',
  '@babel/preset-env@7.28.5',
  '@babel/preset-typescript@7.28.5',
  'typescript@5.9.3',
  '@types/node@20.19.43',
];

describe('functions run in threads, and errors have their classes', () => {
  test('under Jest, in CommonJS and in ES modules', { timeout: 600_000 }, async ({ skip }) => {
    const folder = await installed(jestFiles, jestPackages, skip);
    copySuite(folder, suite);
    const jest = ['npx', 'jest', '--ci', '-w', '2', '-c'];

    const commonJs = await command(folder, [...jest, 'commonjs.json']);
    const modules = await command(folder, [...jest, 'modules.json'], { NODE_OPTIONS: '--experimental-vm-modules' });

    expect(commonJs.output).toContain(`Tests:       ${3 * (count ?? 0)} passed, ${3 * (count ?? 0)} total`);
    expect(modules.output).toContain(`Tests:       ${count} passed, ${count} total`);
    expect([commonJs.code, modules.code]).toEqual([0, 0]);
    expect(commonJs.output + modules.output).not.toContain('did not exit');
  });

  test.each(['vmThreads', 'vmForks'])('under vitest, in its pool %s', { timeout: 300_000 }, async (pool) => {
    const folder = project({ 'package.json': '{ "private": true }', 'vitest.config.mjs': 'export default {};' });
    copySuite(folder, suite.replace('@jest/globals', 'vitest'));
    symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'), 'junction');

    const args = ['run', '--root', '.', `--pool=${pool}`, '--testTimeout=60000'];
    const { code, output } = await command(folder, [
      process.execPath,
      join(root, 'node_modules/vitest/vitest.mjs'),
      ...args,
    ]);

    expect(output).toMatch(new RegExp(`Tests +${count} passed`));
    expect(code).toBe(0);
  });
});
