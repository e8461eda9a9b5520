import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { InvalidInput } from '../core/problem';
import { loadConfig } from './config';

const start = `entities:
  - { id: acme, name: Acme, currency: USD, time_zone: UTC, calendar: plain }
calendars: { plain: {} }
sources: { files: {} }
`;

/** Where, and in what words, a configuration is refused. */
function problemsOf(rest: string): string[] {
  const dir = mkdtempSync(path.join(tmpdir(), 'tieout-oidc-config-'));
  const file = path.join(dir, 'tieout.yaml');
  try {
    writeFileSync(file, start + rest);
    loadConfig({}, file);
    return [];
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    return cause.problems.map(({ line, field, message }) => `${line} ${field} ${message}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const oidc = (issuer: string, roles: string): string => `server: { public_url: https://t.example }
access:
  oidc:
    issuer: ${issuer}
    client_id: tieout
    roles:
${roles}`;

test('a provider with roles for its groups is taken', () => {
  const roles = `      - { group: a, role: preparer, entity: acme }
      - group: b
        role: auditor
        window: { start: 2026-01-01, end: 2027-01-01 }
        until: 2027-06-30`;
  expect(problemsOf(oidc('https://id.example/realm', roles))).toEqual([]);
  expect(problemsOf(oidc('http://127.0.0.1:9000', roles))).toEqual([]);
});

test('what is wrong with it is told at its line', () => {
  const roles = `      - { group: a, role: preparer, entity: nowhere }
      - { group: a, role: admin }
      - { group: b, role: auditor }`;
  expect(problemsOf(oidc('http://id.example', '      - { group: a, role: boss }'))).toEqual([
    '8 access.oidc.issuer must be an https address, or http of this machine alone.',
    '11 access.oidc.roles.0.role must be one of viewer, preparer, reviewer, control_author, ' +
      'auditor, admin.',
  ]);
  expect(problemsOf(oidc('https://id.example', roles))).toEqual([
    "11 access.oidc.roles.0.entity names 'nowhere', absent from entities.",
    "12 access.oidc.roles.1.role cannot be held together with preparer, which 'a' gives as well.",
    '13 access.oidc.roles.2.window is missing; an audit ends.',
    '13 access.oidc.roles.2.until is missing; an audit ends.',
  ]);
});

test('the address that people are led back to must be known, and safe', () => {
  const bare = oidc('https://id.example', '      - { group: a, role: viewer }');
  const without = bare.replace(/^server.*\n/, '');
  expect(problemsOf(without)[0]).toMatch(/access\.oidc needs server\.public_url/);
  expect(problemsOf(bare.replace('https://t', 'http://t'))[0]).toMatch(/https server\.public_url/);
});
