import { addDays, HOUR, startOfUtcDay, utcDay } from '../../kit/instants';
import { salesforceId } from '../../kit/ids';
import type { Person } from '../../truth/sold';
import { NobodyFits, type CompanyInjection, type ExpectedFinding } from '../../world/injection';
import type { SalesforceRecord } from '../../world/records';
import { assignment } from '../../salesforce/render/render-org-users';
import { restInstant } from '../../salesforce/render/salesforce-values';

/** The org's records beside those of customers, as `renderSalesforceOrg` made them. */
export interface SalesforceOrg {
  people: readonly Person[];
  records: SalesforceRecord[];
}

const finding = (code: string, key: string): ExpectedFinding => ({
  ...{ control: 'AC-01', code, key, impact: null },
});

const recordFor = ({ records }: SalesforceOrg, id: string): SalesforceRecord['record'] => {
  const found = records.find(({ record }) => record.Id === id);
  if (!found) throw new RangeError(`${id} is not in the org`);
  return found.record;
};

const loginOf = (person: Person | undefined): string => {
  const id = person?.userIds[0];
  if (id === undefined) throw new NobodyFits('nobody of the company fits');
  return id;
};

/** Low: whoever left last, still with a login; high: as an administrator. */
const terminatedActive: CompanyInjection<SalesforceOrg> = {
  id: 'A107',
  title: 'Somebody who left still has an active login',
  apply: (org, magnitude) => {
    const [left] = org.people
      .filter(({ terminatedOn }) => terminatedOn !== null)
      .sort((a, b) => ((a.terminatedOn ?? '') < (b.terminatedOn ?? '') ? 1 : -1));
    const userId = loginOf(left);
    const user = recordFor(org, userId);
    user.IsActive = true;
    const since = startOfUtcDay(left?.startedOn ?? '') + 16 * HOUR;
    user.LastModifiedDate = user.SystemModstamp = restInstant(since);
    if (magnitude === 'high') org.records.push(assignment(userId, 'System Administrator', since));
    return [finding('AC01-TERMINATED_ACTIVE', userId)];
  },
};

/** Low: may ask for credits and approve them; high: may also activate orders and prices. */
const toxicPair: CompanyInjection<SalesforceOrg> = {
  id: 'A108',
  title: 'One login may both ask for a credit and approve it',
  apply: (org, magnitude, { options }) => {
    const here = org.people.filter(({ terminatedOn }) => terminatedOn === null);
    const userId = loginOf(here.find(({ role }) => role === 'support'));
    const at = startOfUtcDay(addDays(utcDay(options.now), -40));
    const sets = ['Credit Request Approver', 'Price Book Manager'];
    for (const set of magnitude === 'high' ? sets : sets.slice(0, 1))
      org.records.push(assignment(userId, set, at));
    return [finding('AC01-TOXIC', userId)];
  },
};

/** Low: a change without a ticket; high: another by somebody logged in as somebody else. */
const untracedChange: CompanyInjection<SalesforceOrg> = {
  id: 'A109',
  title: 'A price rule changed without a ticket, and under the login of another',
  apply: (org, magnitude, { options }) => {
    const here = org.people.filter(({ terminatedOn }) => terminatedOn === null);
    const admin = loginOf(here.find(({ role }) => role === 'engineer'));
    const deskLogin = loginOf(here.find(({ role }) => role === 'deal_desk'));
    const at = startOfUtcDay(addDays(utcDay(options.now), -20)) + 19 * HOUR;
    const change = (n: number, by: string, delegate: string | null): string => {
      const Id = salesforceId('SetupAuditTrail', 'untraced', n, at);
      const ticket = delegate === null ? '' : ' [CHG-48213]';
      org.records.push({
        object: 'SetupAuditTrail',
        record: {
          ...{ Id, Action: 'changedPriceRule', Section: 'SBQQ Price Rules', CreatedById: by },
          ...{ Display: `Changed price rule Enterprise seats${ticket}`, DelegateUser: delegate },
          CreatedDate: restInstant(at + n * HOUR),
        },
      });
      return Id;
    };
    const found = [finding('AC01-CONFIG_NO_TICKET', change(0, admin, null))];
    if (magnitude === 'high')
      found.push(finding('AC01-LOGIN_AS', change(1, deskLogin, recordUsername(org, admin))));
    return found;
  },
};

const recordUsername = (org: SalesforceOrg, userId: string): string =>
  String(recordFor(org, userId).Username);

/** Access that should not be, over the records of the org (AC-01). */
export const orgInjections: readonly CompanyInjection<SalesforceOrg>[] = [
  terminatedActive,
  toxicPair,
  untracedChange,
];
