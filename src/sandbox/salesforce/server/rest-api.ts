import { BookZone } from '../../kit/book-zone';
import { BulkQueries } from './bulk-queries';
import { describeObject, objectSummary } from './describe-object';
import type { Org } from './org';
import type { FieldInfo, ObjectInfo } from './org-schema';
import { QueryCursors } from './query-cursors';
import { deletedIds, updatedIds } from './replication';
import type { Endpoint } from './request-faults';
import { retrieveRecord } from './retrieve-record';
import { runSoql } from './run-soql';
import { notFound, SalesforceError } from './salesforce-error';
import { identityUrl } from './sessions';
import type { SoqlResult } from './soql-result';
import { UserAccess, type StandInUser } from './stand-in-user';

/** A request whose session is known. */
export interface ApiRequest {
  method: string;
  /** Below the version: 'sobjects/Account/describe'. */
  path: string;
  search: URLSearchParams;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
  user: StandInUser;
  /** '66.0' */
  version: string;
  /** 'http://127.0.0.1:1234/' */
  url: string;
  nowMs: number;
}

export interface ApiAnswer {
  status: number;
  body: string;
  contentType: string;
  headers: Readonly<Record<string, string>>;
}

export interface RestApiOptions {
  maxPageRows: number;
  maxReplicationIds: number;
  bulkLooks: number;
  bulkPageRows: number;
}

/** The version of Spring '26; jsforce asks for 50.0 unless it is told otherwise. */
export const LATEST_VERSION = 66;
export const OLDEST_VERSION = 31;

export const jsonAnswer = (body: string | object, status = 200): ApiAnswer => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  contentType: 'application/json;charset=UTF-8',
  headers: {},
});

/** Which switch of RequestFaults a path below the version belongs to. */
export function endpointOf(path: string): Endpoint {
  const [first = '', second, third] = path.split('/');
  switch (first) {
    case '':
      return 'versions';
    case 'query':
    case 'queryAll':
      return second === undefined || second === '' ? 'query' : 'queryMore';
    case 'limits':
      return 'limits';
    case 'jobs':
      if (path.endsWith('/results')) return 'bulkResults';
      return third === undefined ? 'bulkJobs' : 'bulkStatus';
    case 'sobjects':
      if (third === undefined) return 'sobjects';
      if (third === 'describe' || third === 'updated' || third === 'deleted') return third;
      return 'retrieve';
    default:
      return 'unknown';
  }
}

/** The resources below /services/data/vNN.0. Throws SalesforceError. */
export class RestApi {
  readonly cursors: QueryCursors;
  private readonly bulk: BulkQueries;
  private readonly zones = new Map<string, BookZone>();

  constructor(
    private readonly org: Org,
    private readonly options: RestApiOptions,
    private readonly limits: () => object,
  ) {
    this.cursors = new QueryCursors(options.maxPageRows);
    this.bulk = new BulkQueries(options.bulkLooks, options.bulkPageRows);
  }

  answer(request: ApiRequest): ApiAnswer {
    const [first, ...rest] = request.path.split('/').filter((part) => part !== '');
    if (first === 'jobs') return this.jobs(request, rest);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new SalesforceError(
        405,
        'METHOD_NOT_ALLOWED',
        `HTTP Method '${request.method}' not allowed. Allowed are HEAD,GET`,
      );
    switch (first) {
      case undefined:
        return jsonAnswer(this.resources(request));
      case 'query':
      case 'queryAll':
        return jsonAnswer(this.query(request, first === 'queryAll', rest[0]));
      case 'sobjects':
        return jsonAnswer(this.sobjects(request, rest));
      case 'limits':
        return jsonAnswer(rest[0] === 'recordCount' ? this.recordCount(request) : this.limits());
      default:
        throw notFound();
    }
  }

  private resources(request: ApiRequest): object {
    const base = basePathOf(request);
    return {
      identity: identityUrl(request.user, request.url),
      jobs: `${base}/jobs`,
      limits: `${base}/limits`,
      query: `${base}/query`,
      queryAll: `${base}/queryAll`,
      sobjects: `${base}/sobjects`,
    };
  }

  private query(request: ApiRequest, withDeleted: boolean, locator: string | undefined): string {
    const { user, nowMs, headers } = request;
    const basePath = basePathOf(request);
    if (locator !== undefined)
      return this.cursors.more(locator, { userId: user.id, nowMs, basePath });
    const soql = request.search.get('q');
    if (soql === null || soql === '')
      throw new SalesforceError(
        400,
        'MALFORMED_QUERY',
        'SOQL query string is required: missing parameter q',
      );
    const queryOptions = String(headers['sforce-query-options'] ?? '');
    const result = this.run(request, soql, withDeleted);
    return this.cursors.first(result, { userId: user.id, nowMs, basePath, queryOptions });
  }

  private run(request: ApiRequest, soql: string, withDeleted: boolean): SoqlResult {
    const { user, nowMs } = request;
    const scope = { org: this.org, access: new UserAccess(user), nowMs, zone: this.zoneOf(user) };
    return runSoql(soql, scope, { withDeleted, basePath: basePathOf(request) });
  }

  private zoneOf(user: StandInUser): BookZone {
    const name = user.timeZone ?? 'UTC';
    const zone = this.zones.get(name) ?? new BookZone(name);
    this.zones.set(name, zone);
    return zone;
  }

  private sobjects(request: ApiRequest, [name, member, id]: readonly string[]): string | object {
    const access = new UserAccess(request.user);
    const basePath = basePathOf(request);
    if (name === undefined) {
      const sobjects = [...this.org.schema.values()]
        .filter((object) => access.canReadObject(object))
        .map((object) => objectSummary(object, basePath));
      return { encoding: 'UTF-8', maxBatchSize: 200, sobjects };
    }
    const object = this.object(name, access);
    const { org } = this;
    const window = { org, access, nowMs: request.nowMs, maxIds: this.options.maxReplicationIds };
    switch (member) {
      case undefined:
        return { objectDescribe: objectSummary(object, basePath), recentItems: [] };
      case 'describe':
        return this.describe(object, access, basePath);
      case 'updated':
        return updatedIds(object, request.search, window);
      case 'deleted':
        return deletedIds(object, request.search, window);
      default:
        if (id !== undefined) throw notFound();
        return retrieveRecord(object, member, { ...window, basePath, search: request.search });
    }
  }

  private describe(object: ObjectInfo, access: UserAccess, basePath: string): object {
    const fields = access.visibleFields(object).map((field): FieldInfo => {
      const filterable = field.filterable && this.org.isFilterable(object.name, field.name);
      return { ...field, filterable };
    });
    const children = [...this.org.schema.values()]
      .filter((child) => access.canReadObject(child))
      .flatMap((child) =>
        access
          .visibleFields(child)
          .filter(({ referenceTo }) => referenceTo.includes(object.name))
          .map((field) => ({ object: child.name, field })),
      );
    return describeObject(object, fields, children, basePath);
  }

  private object(name: string, access: UserAccess): ObjectInfo {
    const object = this.org.schema.get(name.toLowerCase());
    if (object === undefined || !access.canReadObject(object)) throw notFound();
    return object;
  }

  /** Counts of the whole org, whatever sharing hides; deleted rows are not counted. */
  private recordCount({ search, user, nowMs }: ApiRequest): object {
    const access = new UserAccess(user);
    const asked = search.get('sObjects')?.toLowerCase().split(',');
    const sObjects = [...this.org.schema.values()]
      .filter((object) => access.canReadObject(object))
      .filter((object) => asked === undefined || asked.includes(object.name.toLowerCase()))
      .map(({ name }) => ({
        count: this.org.rows(name, nowMs).filter((row) => row.IsDeleted !== true).length,
        name,
      }));
    return { sObjects };
  }

  private jobs(request: ApiRequest, [kind, id, member]: readonly string[]): ApiAnswer {
    if (kind !== 'query') throw notFound();
    const { method, user, nowMs } = request;
    if (id === undefined && method === 'POST') {
      const context = { user, nowMs, apiVersion: Number(request.version) };
      const run = (soql: string, withDeleted: boolean): SoqlResult =>
        this.run(request, soql, withDeleted);
      return jsonAnswer(this.bulk.create(bodyOf(request), context, run));
    }
    if (id === undefined) return jsonAnswer(this.bulk.list());
    if (member === 'results') {
      const { csv, locator, records } = this.bulk.results(id, request.search);
      const headers = { 'sforce-locator': locator, 'sforce-numberofrecords': String(records) };
      return { status: 200, body: csv, contentType: 'text/csv', headers };
    }
    if (member !== undefined) throw notFound();
    switch (method) {
      case 'GET':
        return jsonAnswer(this.bulk.look(id));
      case 'PATCH':
        return jsonAnswer(this.bulk.abort(id));
      case 'DELETE':
        this.bulk.delete(id);
        return jsonAnswer('', 204);
      default:
        throw notFound();
    }
  }
}

const basePathOf = ({ version }: ApiRequest): string => `/services/data/v${version}`;

function bodyOf({ body }: ApiRequest): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Said below in Salesforce's words.
  }
  throw new SalesforceError(400, 'JSON_PARSER_ERROR', 'The body of the request is not an object');
}
