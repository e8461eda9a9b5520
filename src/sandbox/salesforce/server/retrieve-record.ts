import type { Org, OrgRecord } from './org';
import { shortId, type ObjectInfo } from './org-schema';
import { attributes } from './run-soql';
import { SalesforceError } from './salesforce-error';
import type { UserAccess } from './stand-in-user';
import { jsonValue } from './wire-format';

/** GET /sobjects/:type/:id, with `fields` or all that the user may read. */
export function retrieveRecord(
  object: ObjectInfo,
  id: string,
  context: {
    org: Org;
    access: UserAccess;
    nowMs: number;
    basePath: string;
    search: URLSearchParams;
  },
): string {
  const { org, access, nowMs, basePath, search } = context;
  const row = org.rows(object.name, nowMs).find((one) => shortId(String(one.Id)) === shortId(id));
  if (row === undefined || !access.canReadRow(object, row))
    throw new SalesforceError(
      404,
      'NOT_FOUND',
      'Provided external ID field does not exist or is not accessible: ' + id,
    );
  if (row.IsDeleted === true)
    throw new SalesforceError(404, 'ENTITY_IS_DELETED', 'entity is deleted');
  const asked = search.get('fields')?.split(',');
  const fields =
    asked?.map((name) => fieldNamed(object, name.trim(), access)) ?? access.visibleFields(object);
  const values = fields.map(({ name, type }) => `"${name}":${valueOf(row, name, type)}`);
  return `{${[attributes(object.name, basePath, row), ...values].join(',')}}`;
}

const valueOf = (row: OrgRecord, name: string, type: Parameters<typeof jsonValue>[1]): string =>
  jsonValue(row[name] ?? null, type);

function fieldNamed(
  object: ObjectInfo,
  name: string,
  access: UserAccess,
): ReturnType<UserAccess['visibleFields']>[number] {
  const field = object.fields.get(name.toLowerCase());
  if (field !== undefined && access.canReadField(object, field)) return field;
  throw new SalesforceError(
    400,
    'INVALID_FIELD',
    `No such column '${name}' on sobject of type ${object.name}`,
  );
}
