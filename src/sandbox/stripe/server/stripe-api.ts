import type { Fields } from '../legacy/fields';
import type { AccountView } from './account-view';
import { balanceOf } from './balance';
import { mustMay, type Caller } from './keys';
import { listPage, type ListQuery } from './list-page';
import { meterSummaries } from './meter-summaries';
import { inside, listOf, rangeOf, textOf, unknownParameter, type Params } from './parse-params';
import type { ReportDesk } from './report-desk';
import { parts, resources, type Part, type Resource } from './resources';
import { expandPaths, inVersion, showList, showObject } from './show-object';
import { invalidRequest, resourceMissing, StripeError, unknownUrl } from './stripe-error';

/** A request that has been let in. */
export interface ApiRequest {
  method: string;
  path: string;
  params: Params;
  /** Stripe-Version. */
  version: string;
  /** Number of the request since the start. */
  number: number;
  /** 'http://127.0.0.1:…', for the address of a file. */
  origin: string;
  caller: Caller;
  view: AccountView;
}

const paging = ['limit', 'starting_after', 'ending_before', 'expand'];

/** The answer to a request: an object, or the text of a file. Throws StripeError. */
export function answer(request: ApiRequest, desk: ReportDesk): Fields | string {
  const { path, method } = request;
  const [v1, ...segments] = path.split('/').filter((segment) => segment !== '');
  if (v1 !== 'v1') throw unknownUrl(method, path);
  const reporting = reportAnswer(request, segments, desk);
  if (reporting !== null) return reporting;
  if (method !== 'GET') throw refusedWrite(request, segments);
  const found =
    singleAnswer(request, segments) ??
    partAnswer(request, segments) ??
    resourceAnswer(request, segments);
  if (found === null) throw unknownUrl(method, path);
  return inVersion(found, request.version, request.view);
}

function reportAnswer(
  { caller, method, params, view, origin }: ApiRequest,
  segments: readonly string[],
  desk: ReportDesk,
): Fields | string | null {
  const [area, kind, id] = segments;
  const list = (data: object[], url: string): Fields => ({
    ...{ object: 'list', data, has_more: false, url },
  });
  if (area === 'files' && kind !== undefined && id === 'contents') {
    mustMay(caller, 'file', 'read');
    return desk.contents(view, kind);
  }
  if (area !== 'reporting') return null;
  const permission = 'report_runs_and_report_types';
  mustMay(caller, permission, method === 'POST' ? 'write' : 'read');
  if (kind === 'report_types') {
    const types = desk.types(view);
    if (id === undefined) return list(types, '/v1/reporting/report_types');
    const type = types.find((one) => one.id === id);
    if (type === undefined) throw resourceMissing('report type', id, 'id');
    return { ...type };
  }
  if (kind !== 'report_runs') return null;
  if (method === 'POST') return { ...desk.ask(view, params) };
  if (id === undefined) return list(desk.runs(view), '/v1/reporting/report_runs');
  return { ...desk.read(view, id, origin) };
}

/** Nothing here is written, but a key that could have is told apart from one that could not. */
function refusedWrite({ caller, method, path }: ApiRequest, segments: readonly string[]): Error {
  const resource = resources.find(({ path: at }) => segments.join('/').startsWith(at));
  if (resource === undefined) return unknownUrl(method, path);
  mustMay(caller, resource.permission, 'write');
  return new StripeError(400, {
    message: 'This account is a stand-in that takes no writes.',
    type: 'invalid_request_error',
  });
}

function singleAnswer({ caller, view }: ApiRequest, segments: readonly string[]): Fields | null {
  const [first, second] = segments;
  if (first === 'balance' && second === undefined) {
    mustMay(caller, 'balance', 'read');
    return { ...balanceOf(view) };
  }
  if (first === 'account' || first === 'accounts') {
    mustMay(caller, 'accounts_kyc_basic', 'read');
    const id = second ?? caller.account.id;
    const found = view.find('accounts', id);
    if (found === null) throw resourceMissing('account', id, 'id');
    return { ...found.object };
  }
  return null;
}

function partAnswer(request: ApiRequest, segments: readonly string[]): Fields | null {
  const { view, params, caller } = request;
  const url = `/v1/${segments.join('/')}`;
  if (segments[0] === 'billing' && segments[3] === 'event_summaries') {
    mustMay(caller, 'billing_meter', 'read');
    const meter = segments[2] ?? '';
    if (view.find('billing_meters', meter) === null) throw resourceMissing('meter', meter, 'id');
    return pageOfSummaries(request, meterSummaries(view, meter, params), url);
  }
  const [of, parent = '', part, id] = segments;
  const found = parts.find((one) => one.of === of && one.part === part);
  const owner = resources.find(({ path }) => path === of);
  if (found === undefined || owner === undefined) return null;
  mustMay(caller, owner.permission, 'read');
  if (view.find(owner.collection, parent) === null) throw resourceMissing(owner.noun, parent, 'id');
  if (id !== undefined) return oneOf(found.collection, found.noun, id, request);
  refuseUnknown(params, paging);
  return listOfPart(request, found, parent, url);
}

function listOfPart(
  { view, params, number }: ApiRequest,
  { collection, filter, noun }: Part,
  parent: string,
  url: string,
): Fields {
  const having = [{ key: filter, values: [parent] }];
  const query = { collection, noun, having, params, request: number, fieldRanges: [] };
  const page = listPage(view, query);
  const paths = expandPaths(listOf(params.expand));
  const records = page.records.map(({ object }) => object);
  return showList(records, { hasMore: page.hasMore, url, paths }, view);
}

/** Summaries are made, not kept: pages are cut out of all of them. */
function pageOfSummaries(
  { params }: ApiRequest,
  summaries: ReturnType<typeof meterSummaries>,
  url: string,
): Fields {
  const limit = Number(textOf(params.limit) ?? 10);
  const after = textOf(params.starting_after);
  const from = after === null ? 0 : summaries.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0)
    throw resourceMissing('meter event summary', after, 'starting_after');
  const data = summaries.slice(from, from + limit);
  return { object: 'list', data, has_more: summaries.length > from + limit, url };
}

function resourceAnswer(request: ApiRequest, segments: readonly string[]): Fields | null {
  const path = segments.join('/');
  const list = resources.find((one) => one.path === path);
  if (list !== undefined && list.list !== false) {
    mustMay(request.caller, list.permission, 'read');
    return listOfResource(request, list);
  }
  const owner = resources.find((one) => path.startsWith(`${one.path}/`));
  const id = segments.at(-1);
  if (owner === undefined || id === undefined || `${owner.path}/${id}` !== path) return null;
  mustMay(request.caller, owner.permission, 'read');
  return oneOf(owner.collection, owner.noun, decodeURIComponent(id), request);
}

function oneOf(collection: string, noun: string, id: string, { view, params }: ApiRequest): Fields {
  refuseUnknown(params, ['expand']);
  const found = view.find(collection, id);
  if (found !== null)
    return showObject({ ...found.object }, expandPaths(listOf(params.expand)), view);
  // A deleted customer can still be had by id; other objects are gone.
  if (collection === 'customers' && view.isRemoved(id))
    return { id, object: 'customer', deleted: true };
  throw resourceMissing(noun, id, 'id');
}

function listOfResource(request: ApiRequest, resource: Resource): Fields {
  const { view, params, number } = request;
  const { collection, noun, path } = resource;
  const payment = path === 'invoice_payments' ? ['payment'] : [];
  refuseUnknown(params, [...paging, ...resource.filters, ...resource.ranges, ...payment]);
  if (path === 'subscription_items' && params.subscription === undefined)
    throw invalidRequest(
      'parameter_missing',
      'Missing required param: subscription.',
      'subscription',
    );
  const query: ListQuery = {
    ...{ collection, noun, params, request: number },
    having: [...havingOf(resource, params)],
    fieldRanges: resource.ranges.flatMap((field) => {
      const range = field === 'created' ? null : rangeOf(params, field);
      return range === null ? [] : [{ field, range }];
    }),
  };
  const page = listPage(view, query);
  const paths = expandPaths(listOf(params.expand));
  const records = page.records.map(({ object }) => object);
  return showList(records, { hasMore: page.hasMore, url: `/v1/${path}`, paths }, view);
}

const liveStatuses = ['active', 'past_due', 'trialing', 'unpaid', 'paused', 'incomplete'];
const endedStatuses = ['canceled', 'incomplete_expired'];

function* havingOf({ path, filters }: Resource, params: Params): Generator<ListQuery['having'][0]> {
  for (const key of filters) {
    const value = textOf(params[key]);
    if (path === 'subscriptions' && key === 'status') {
      // Without a status the list leaves out what was cancelled; 'all' leaves out nothing.
      if (value === null) yield { key, values: [...liveStatuses, 'incomplete_expired'] };
      else if (value === 'ended') yield { key, values: endedStatuses };
      else if (value !== 'all') yield { key, values: [value] };
    } else if (key === 'types') {
      const types = listOf(params.types);
      if (types.length > 0) yield { key: 'type', values: types };
    } else if (key !== 'delivery_success' && value !== null) yield { key, values: [value] };
  }
  const payment = inside(params.payment);
  const paid = textOf(payment.payment_intent) ?? textOf(payment.payment_record);
  if (paid !== null) yield { key: 'payment', values: [paid] };
}

function refuseUnknown(params: Params, known: readonly string[]): void {
  const strange = Object.keys(params).find((name) => !known.includes(name));
  if (strange !== undefined) throw unknownParameter(strange);
}
