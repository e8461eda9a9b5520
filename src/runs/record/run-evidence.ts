import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { canonicalJson, sha256Hex, type Json } from '../../core/canonical-json';
import type { ParameterValue } from '../../core/bind-parameters';
import { sidesOf } from '../../core/control';
import type { LoadedControl } from '../../catalog/catalog';
import type { EvidenceStore } from '../../evidence/evidence-store';
import type { EvidenceFile } from '../../evidence/run-manifest';
import type { RunDraft } from '../run-draft';
import type { FrozenPopulation } from '../run-types';

export interface RunEvidenceInput {
  store: EvidenceStore;
  catalogDir: string;
  loaded: LoadedControl;
  values: Record<string, ParameterValue>;
  draft: RunDraft;
}

/**
 * Puts everything a run rests on into the evidence store: the control as it was, the populations it
 * judged, the files they came from, the statement and the findings (CONTROLS §4.2, items 1 to 4).
 */
export async function keepRunEvidence(input: RunEvidenceInput): Promise<EvidenceFile[]> {
  const { store, draft } = input;
  const files = await keepControl(input);
  for (const population of draft.populations.values()) {
    const name = `populations/${population.population}.parquet`;
    files.push({ path: name, ...(await store.keep(population.file, population.sha256)) });
    files.push(...(await keepSources(store, population)));
  }
  const texts: Record<string, Json> = { 'populations.json': describePopulations(input) };
  if (draft.findings) texts['statement.json'] = draft.statements as unknown as Json;
  for (const [name, content] of Object.entries(texts))
    files.push({ path: name, ...(await store.addText(`${canonicalJson(content)}\n`)) });
  if (draft.findings) {
    const { file, sha256 } = draft.findings;
    files.push({ path: 'findings.jsonl', ...(await store.keep(file, sha256)) });
  }
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Folders are read before a run; a control edited since must not stand in its evidence. */
async function keepControl({
  store,
  catalogDir,
  loaded,
}: RunEvidenceInput): Promise<EvidenceFile[]> {
  const files: EvidenceFile[] = [];
  for (const file of loaded.files) {
    const content = await readFile(path.join(catalogDir, file.path), 'utf8');
    if (sha256Hex(content) !== file.sha256)
      throw new Error(`${file.path} was changed while the control ran`);
    files.push({ path: `control/${file.path}`, ...(await store.addText(content)) });
  }
  return files;
}

async function keepSources(
  store: EvidenceStore,
  population: FrozenPopulation,
): Promise<EvidenceFile[]> {
  const files: EvidenceFile[] = [];
  for (const source of population.sources) {
    for (const file of source.files) {
      const name = `sources/${source.relation}/${file.name}`;
      files.push({ path: name, ...(await store.keep(file.path, file.sha256)) });
    }
  }
  return files;
}

/** `populations.json`: for each side, what was asked, of what, and what came back. */
function describePopulations({ loaded, values, draft }: RunEvidenceInput): Json {
  return loaded.control.procedures.map((procedure) => ({
    procedure: procedure.name,
    sides: sidesOf(procedure).map(({ side, ref }) => {
      const frozen = draft.populations.get(ref.population);
      return {
        side,
        label: ref.label,
        population: ref.population,
        query: loaded.populations[ref.population]?.sql ?? '',
        parameters: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, { ...value }]),
        ),
        frozen: frozen
          ? {
              engine: frozen.source === 'books' ? 'PostgreSQL' : 'DuckDB',
              executed: frozen.boundSql,
              items: frozen.items,
              sha256: frozen.sha256,
              bytes: frozen.bytes,
              columns: frozen.columns.map((column) => ({ ...column })),
              sources: frozen.sources.map(({ relation, verified, facts }) => ({
                relation,
                verified,
                facts: { ...facts },
              })),
            }
          : null,
      };
    }),
  }));
}
