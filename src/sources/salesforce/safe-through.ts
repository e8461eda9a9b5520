import type { SalesforceConnection } from './salesforce-connection';
import { SalesforceFault } from './salesforce-fault';

const minuteMs = 60_000;
/** How far back it is asked; the answer may lie before it. */
const lookBackMinutes = 15;

/** The instant before which nothing of an object can appear any more, and what holds it back. */
export interface SafeThrough {
  /** ISO 8601, UTC. */
  instant: string;
  /** Minutes by which Salesforce itself is behind, where more than what we wait anyway. */
  behindMinutes: number;
}

/**
 * min(server's clock − settle minutes, latestDateCovered of getUpdated): a record can be committed
 * long after the SystemModstamp it carries, and only Salesforce knows which transactions are open
 * (RELIABILITY §3.2). Objects that it does not follow go by the clock alone.
 */
export async function safeThrough(
  connection: SalesforceConnection,
  { name, isReplicateable }: { name: string; isReplicateable: boolean },
  { settleMinutes, now }: { settleMinutes: number; now: () => string },
): Promise<SafeThrough> {
  const serverMs = new Date(connection.serverTime ?? now()).getTime();
  const settled = serverMs - settleMinutes * minuteMs;
  const covered = isReplicateable ? await latestDateCovered(connection, name, serverMs) : null;
  const safeMs = covered === null ? settled : Math.min(settled, covered);
  const behindMinutes = Math.max(0, Math.round((settled - safeMs) / minuteMs));
  return { instant: new Date(safeMs).toISOString(), behindMinutes };
}

/** Null where the org answers that it does not follow the object. */
async function latestDateCovered(
  connection: SalesforceConnection,
  name: string,
  serverMs: number,
): Promise<number | null> {
  const end = serverMs - (serverMs % minuteMs);
  const at = (ms: number): string => encodeURIComponent(new Date(ms).toISOString());
  const range = `start=${at(end - lookBackMinutes * minuteMs)}&end=${at(end)}`;
  try {
    return await connection.ask({ path: `/sobjects/${name}/updated?${range}` }, coveredIn);
  } catch (cause) {
    const isRefusal =
      cause instanceof SalesforceFault && ['not_found', 'refused'].includes(cause.kind);
    if (isRefusal) return null;
    throw cause;
  }
}

function coveredIn({ body }: { body: string }): number | null {
  try {
    const { latestDateCovered: covered } = JSON.parse(body) as { latestDateCovered?: string };
    const ms = new Date((covered ?? '').replace(/\+0000$/, 'Z')).getTime();
    return Number.isNaN(ms) ? null : ms;
  } catch {
    return null;
  }
}
