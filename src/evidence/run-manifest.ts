import { canonicalJson, type Json } from '../core/canonical-json';
import type { EvidenceStore, StoredFile } from './evidence-store';

/** A file of a run's evidence under the path it has in the manifest. */
export interface EvidenceFile extends StoredFile {
  path: string;
}

/**
 * `manifest.json` (CONTROLS §4.2 item 1): the facts of a run and the SHA-256 of every other file of
 * its evidence, chained to the manifest of the run before it. Whoever holds its hash can check all.
 */
export async function storeManifest(
  store: EvidenceStore,
  facts: Record<string, Json>,
  files: readonly EvidenceFile[],
  previousManifestSha256: string | null,
): Promise<EvidenceFile> {
  const manifest = {
    v: 1,
    ...facts,
    previous_manifest_sha256: previousManifestSha256,
    files: [...files]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
  };
  return { path: 'manifest.json', ...(await store.addText(`${canonicalJson(manifest)}\n`)) };
}
