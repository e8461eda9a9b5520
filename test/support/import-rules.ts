import path from 'node:path';
import * as ts from 'typescript';
import type { TextFile } from './source-tree';

/** Left to right: a capability imports only those before it (DESIGN §3). */
const capabilities = [
  'access',
  'evidence',
  'books',
  'sources',
  'catalog',
  'alerts',
  'exceptions',
  'signoff',
  'runs',
];

/** Nothing here reads a clock, a disk, a network or the environment. */
const corePackages = new Set(['zod', 'decimal.js', 'canonicalize', 'node:assert', 'node:crypto']);

interface Import {
  from: string;
  /** A path from the root of the project, or the name of a package. */
  to: string;
  local: boolean;
  typeOnly: boolean;
}

const isSpec = (file: string): boolean => file.endsWith('.spec.ts');

/** Static and dynamic imports, re-exports, require calls and `import('x').T` types of one file. */
function importsOf(file: TextFile): Import[] {
  const found: Import[] = [];
  const add = (name: ts.Node | undefined, typeOnly: boolean): void => {
    if (name !== undefined && ts.isStringLiteralLike(name))
      found.push({ from: file.path, typeOnly, ...target(file.path, name.text) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && isImportCall(node)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest));
  return found;
}

function isImportCall(node: ts.CallExpression): boolean {
  const callee = node.expression;
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  );
}

function target(from: string, name: string): { to: string; local: boolean } {
  if (name.startsWith('.')) {
    const to = path.posix.join(path.posix.dirname(from), name);
    return { to: to.replace(/\.[cm]?[jt]sx?$/, ''), local: true };
  }
  const parts = name.startsWith('@') ? 2 : 1;
  return { to: name.split('/').slice(0, parts).join('/'), local: false };
}

/** Folder of src, or 'root' for what wires everything: src/*.ts, src/cli and src/api. */
function layerOf(file: string): string {
  const [, folder = '', ...rest] = file.split('/');
  return rest.length === 0 || folder === 'cli' || folder === 'api' ? 'root' : folder;
}

function breachOf(from: string, to: string): string | null {
  const [source, goal] = [layerOf(from), layerOf(to)];
  if (goal === 'sandbox' && source !== 'sandbox')
    return from.startsWith('src/cli/') ? null : 'only src/cli and tests know the sandbox';
  if (source === goal || source === 'root' || goal === 'core') return null;
  if (source === 'core') return 'core imports only core';
  if (goal === 'root') return 'nothing but wiring imports wiring';
  if (goal === 'platform') return null;
  if (source === 'platform') return 'platform imports only core and platform';
  if (source === 'sandbox') return null;
  const order = capabilities.indexOf(source) - capabilities.indexOf(goal);
  return order > 0 ? null : `${source} stands left of ${goal}: ${capabilities.join(', ')}`;
}

/** A folder of src that has no place on the line. */
export function strayFolders(files: readonly TextFile[]): string[] {
  const known = new Set(['root', 'core', 'platform', 'sandbox', ...capabilities]);
  return files
    .filter((file) => file.path.startsWith('src/') && !known.has(layerOf(file.path)))
    .map((file) => `${file.path}: '${layerOf(file.path)}' has no place in DESIGN §3`);
}

function localBreach({ from, to }: Import): string | null {
  if (from.startsWith('web/')) return to.startsWith('web/') ? null : 'web knows only the REST API';
  if (!from.startsWith('src/') || (isSpec(from) && /^(test|src\/sandbox)\//.test(to))) return null;
  return to.startsWith('src/') ? breachOf(from, to) : 'src imports nothing outside src';
}

/** Imports between our own files that go the wrong way. */
export function wrongWayImports(files: readonly TextFile[]): string[] {
  return files
    .filter((file) => /^(src|web)\/.*\.tsx?$/.test(file.path))
    .flatMap(importsOf)
    .filter((edge) => edge.local)
    .flatMap((edge) => {
      const breach = localBreach(edge);
      return breach === null ? [] : [`${edge.from} → ${edge.to}: ${breach}`];
    });
}

/** Packages that core must not know, or that a production install does not have. */
export function wrongPackages(files: readonly TextFile[]): string[] {
  const manifest = files.find((file) => file.path === 'package.json')?.text ?? '{}';
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
  return files
    .filter((file) => /^src\/.*\.ts$/.test(file.path) && !isSpec(file.path))
    .flatMap(importsOf)
    .filter((edge) => !edge.local)
    .flatMap(({ from, to, typeOnly }) => {
      if (layerOf(from) === 'core' && !corePackages.has(to))
        return [`${from} → ${to}: core knows only ${[...corePackages].join(', ')}`];
      if (to.startsWith('node:') || to in dependencies || typeOnly) return [];
      return [`${from} → ${to}: not a node: module, nor among the dependencies`];
    });
}

/** Import cycles, each once, as a path that returns to its start. */
export function importCycles(files: readonly TextFile[]): string[] {
  const edges = new Map<string, string[]>();
  for (const file of files.filter(({ path: name }) => /^(src|web)\/.*\.tsx?$/.test(name))) {
    const locals = importsOf(file).filter((edge) => edge.local);
    edges.set(
      file.path.replace(/\.tsx?$/, ''),
      locals.map((edge) => edge.to),
    );
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name)) {
      cycles.push([...trail.slice(trail.indexOf(name)), name].join(' → '));
      return;
    }
    if (done.has(name)) return;
    for (const next of edges.get(name) ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of edges.keys()) visit(name, []);
  return cycles;
}
