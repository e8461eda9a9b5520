/** What a request asks for, as faults name it. */
export const endpoints = [
  'token',
  'identity',
  'versions',
  'query',
  'queryMore',
  'sobjects',
  'describe',
  'retrieve',
  'updated',
  'deleted',
  'limits',
  'bulkJobs',
  'bulkStatus',
  'bulkResults',
  'unknown',
] as const;
export type Endpoint = (typeof endpoints)[number];

export type FaultKind =
  /** 500 UNKNOWN_EXCEPTION. */
  | 'status_500'
  /** 503 SERVER_UNAVAILABLE. */
  | 'status_503'
  /** 200 with the first half of its body, as if that were all. */
  | 'truncate'
  /** The connection breaks in the middle of the body. */
  | 'cut'
  /** A page says that it is the last one, and that there never were more records. */
  | 'drop_pages'
  /** The session ends: 401 INVALID_SESSION_ID for this and all later requests with it. */
  | 'expire_session'
  /** 400 INVALID_QUERY_LOCATOR; the cursor is gone. */
  | 'expire_locator'
  /** 400 QUERY_TIMEOUT. */
  | 'query_timeout'
  /** 403 REQUEST_LIMIT_EXCEEDED, once. */
  | 'request_limit';

export interface RequestFault {
  does: FaultKind;
  /** Any request when left out. */
  on?: Endpoint;
  /** Queries of this object alone, not of its count. */
  of?: string;
  /** So many such requests go through first. Default: 0. */
  skip?: number;
  /** So many are hit. Default: 1. */
  times?: number;
}

/** Faults in the order they were set; at most one hits a request. */
export class RequestFaults {
  private readonly pending: { fault: RequestFault; skip: number; times: number }[] = [];

  add(fault: RequestFault): void {
    this.pending.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? 1 });
  }

  clear(): void {
    this.pending.length = 0;
  }

  /** The fault that hits this request, which is thereby used up. */
  take(endpoint: Endpoint, url: URL): FaultKind | null {
    for (const one of this.pending) {
      const isMeant = one.fault.on === undefined || one.fault.on === endpoint;
      if (!isMeant || one.times === 0 || !asksFor(url, one.fault.of)) continue;
      if (one.skip > 0) {
        one.skip -= 1;
        continue;
      }
      one.times -= 1;
      return one.fault.does;
    }
    return null;
  }
}

function asksFor(url: URL, object: string | undefined): boolean {
  if (object === undefined) return true;
  const soql = url.searchParams.get('q') ?? '';
  return / from (\w+)/i.exec(soql)?.[1] === object && !/count\(/i.test(soql);
}
