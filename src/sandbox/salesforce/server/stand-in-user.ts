import type { FieldInfo, ObjectInfo } from './org-schema';
import type { OrgRecord } from './org';

/** A user of the org as the API sees one: what it may read. Without limits it sees everything. */
export interface StandInUser {
  id: string;
  username: string;
  email?: string;
  name?: string;
  isActive?: boolean;
  /** IANA zone in which date literals such as TODAY begin. Default: 'UTC'. */
  timeZone?: string;
  /** Objects without read permission: for this user there is no such object. */
  hiddenObjects?: readonly string[];
  /** Fields without field-level read ('Opportunity.Amount'): for this user they do not exist. */
  hiddenFields?: readonly string[];
  /** Rows that sharing hides, from queries, counts and replication alike. */
  hidesRow?: (object: string, row: OrgRecord) => boolean;
}

/** The org's schema and rows through one user's eyes. */
export class UserAccess {
  private readonly objects: ReadonlySet<string>;
  private readonly fields: ReadonlySet<string>;

  constructor(readonly user: StandInUser) {
    this.objects = new Set(user.hiddenObjects?.map((name) => name.toLowerCase()));
    this.fields = new Set(user.hiddenFields?.map((name) => name.toLowerCase()));
  }

  canReadObject(object: ObjectInfo): boolean {
    return !this.objects.has(object.name.toLowerCase());
  }

  canReadField(object: ObjectInfo, field: FieldInfo): boolean {
    return !this.fields.has(`${object.name}.${field.name}`.toLowerCase());
  }

  canReadRow(object: ObjectInfo, row: OrgRecord): boolean {
    return this.user.hidesRow?.(object.name, row) !== true;
  }

  visibleFields(object: ObjectInfo): FieldInfo[] {
    return [...object.fields.values()].filter((field) => this.canReadField(object, field));
  }
}
