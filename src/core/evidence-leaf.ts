import { canonicalJson, sha256Hex, type Json } from './canonical-json';

export interface EvidenceLeaf {
  /** Canonical JSON (RFC 8785). */
  body: string;
  leafSha256: string;
}

/** Leaf of the evidence log: canonical text and its RFC 6962 leaf hash, SHA-256(0x00 ‖ body). */
export function evidenceLeaf(event: Json): EvidenceLeaf {
  const body = canonicalJson(event);
  return { body, leafSha256: sha256Hex(Buffer.concat([Buffer.from([0]), Buffer.from(body)])) };
}
