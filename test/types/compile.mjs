/** Compiles files in the working directory in each mode of modules, and prints what each does not accept. @module */

import { createRequire } from 'node:module';

const [compiler, ...files] = process.argv.slice(2);
const ts = createRequire(`${process.cwd()}/x.js`)(compiler);

const modes = [
  ['CommonJS', 'Node10'],
  ['ESNext', 'Node10'],
  ['Node16', 'Node16'],
  ['NodeNext', 'NodeNext'],
  ['ESNext', 'Bundler'],
  ['Preserve', 'Bundler'],
].filter(([module]) => ts.ModuleKind[module] !== undefined);

// Files of libraries are the same in each mode, so that each is parsed once.
const parsed = new Map();

for (const [module, resolution] of modes) {
  const options = {
    module: ts.ModuleKind[module],
    moduleResolution: ts.ModuleResolutionKind[resolution],
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    ignoreDeprecations: '5.0',
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...rest) => {
    if (!/[\\/](?:typescript|ts\d+|@types)[\\/][^]*\.d\.ts$/.test(name)) return read(name, ...rest);
    if (!parsed.has(name)) parsed.set(name, read(name, ...rest));
    return parsed.get(name);
  };
  const program = ts.createProgram(module.startsWith('Node') ? files : files.slice(0, 1), options, host);
  // As `skipLibCheck: false` does, but for the library's declarations, not for those of Node.js.
  const own = program
    .getSourceFiles()
    .filter(({ fileName }) => !/[\\/](?:typescript|ts\d+|@types)[\\/]/.test(fileName));
  const problems = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  const text = ts.formatDiagnostics(problems.slice(0, 3), { ...host, getCanonicalFileName: (name) => name });
  console.log(`${module} ${resolution}: ${text || 'ok'}`);
}
