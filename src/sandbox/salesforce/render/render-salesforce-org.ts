import { systemUsers } from '../../company/people';
import { salesforceId } from '../../kit/ids';
import { addDays, HOUR, startOfUtcDay, utcDay, weekday, type Day } from '../../kit/instants';
import { KeyedRandom } from '../../kit/keyed-random';
import type { People } from '../../sales/sales-team';
import type { WorldContext } from '../../world/customer-world';
import type { SalesforceRecord } from '../../world/records';
import { renderCurrencies, renderPriceBook } from './render-org-catalog';
import { administratorOf, keptDays, renderLogins, renderOrgUsers } from './render-org-users';
import { recordOf, restInstant } from './salesforce-values';

/** What the org holds of no customer: people and access, price book, currencies, setup trail. */
export function* renderSalesforceOrg(
  { people }: People,
  ctx: WorldContext,
): Iterable<SalesforceRecord> {
  const { seed, now } = ctx.options;
  const today = utcDay(now);
  const admin = administratorOf(people);
  yield* renderOrgUsers(people);
  yield* renderPriceBook(admin);
  yield* renderCurrencies(seed, today, admin);
  yield* renderSetupTrail(seed, today, admin);
  yield* renderLogins(people, seed, today);
}

const changes = [
  ['PermSetAssign', 'Manage Users', 'Assigned permission set to a new employee'],
  ['changedUserEmail', 'Manage Users', 'Changed email of a user'],
  ['changedValidationRule', 'Custom Objects', 'Changed validation rule of Quote'],
  ['changedFieldLevelSecurity', 'Custom Objects', 'Changed field-level security of Order'],
  ['createdPriceRule', 'SBQQ Price Rules', 'Created price rule for volume tiers'],
] as const;

/** Kept half a year; every change names its ticket, the emergency login's too (L21). */
function* renderSetupTrail(seed: string, today: Day, admin: string): Iterable<SalesforceRecord> {
  const emergency = systemUsers.find(({ kind }) => kind === 'break_glass')?.userId ?? admin;
  for (let day = addDays(today, -keptDays); day < today; day = addDays(day, 1)) {
    const random = KeyedRandom.of(seed, 'setup trail', day);
    if (weekday(day) > 4 || !random.chance(0.3)) continue;
    const [action, section, display] = random.pick(changes);
    const by = random.chance(0.03) ? emergency : admin;
    const ticket = `CHG-${String(random.int(10_000, 99_999))}`;
    const at = startOfUtcDay(day) + random.int(15 * HOUR, 22 * HOUR);
    yield recordOf('SetupAuditTrail', salesforceId('SetupAuditTrail', day, action), {
      ...{ Action: action, Section: section, Display: `${display} [${ticket}]` },
      ...{ CreatedDate: restInstant(at), CreatedById: by, DelegateUser: null },
    });
  }
}
