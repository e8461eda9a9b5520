import { hasTrait } from '../company/exemplars';
import { DAY, type Instant } from '../kit/instants';
import type { ProductCode } from '../truth/catalog';
import type { Customer } from '../truth/company';
import type { SeatDay } from '../truth/usage';
import type { WorldContext } from '../world/customer-world';
import { dayText } from './day-text';
import type { ServedItem } from './service-times';

const seatProducts = new Set<ProductCode>(['TEAM', 'ENT-SEAT']);

/** Seats paid for from an instant on. */
interface SeatStep {
  at: Instant;
  by: number;
}

interface Workspace {
  id: string;
  plan: string;
  /** Paid a year ahead: seats may lie idle for long (L30). */
  isAnnual: boolean;
  steps: SeatStep[];
}

/**
 * Seats assigned and used on every UTC day that is over: never more than are paid for at any moment
 * of the day (SU-02). Monthly teams give idle seats back within two months; annual ones keep them.
 */
export function assignSeats(
  customer: Customer,
  served: readonly ServedItem[],
  ctx: WorldContext,
): SeatDay[] {
  const days: SeatDay[] = [];
  for (const workspace of workspacesOf(customer, served))
    for (const day of seatDays(workspace, customer, ctx)) days.push(day);
  return days;
}

function workspacesOf(customer: Customer, served: readonly ServedItem[]): Workspace[] {
  const found = new Map<string, Workspace>();
  for (const { item, subscription, from, to } of served) {
    if (!seatProducts.has(item.price.product) || to <= from) continue;
    const id = item.workspace ?? customer.workspaces[0] ?? customer.organizationId;
    const isAnnual = item.price.interval?.unit === 'year' || customer.segment === 'sales_led';
    const plan = item.price.product === 'TEAM' ? 'team' : 'enterprise';
    const workspace = found.get(id) ?? { id, plan, isAnnual, steps: [] };
    found.set(id, workspace);
    let seats = Number(item.quantity ?? 0n);
    workspace.steps.push({ at: from, by: seats });
    for (const change of subscription.changes) {
      if (change.kind !== 'quantity' || change.itemKey !== item.key || change.at >= to) continue;
      workspace.steps.push({ at: change.at, by: Number(change.quantity) - seats });
      seats = Number(change.quantity);
    }
    workspace.steps.push({ at: to, by: -seats });
  }
  for (const { steps } of found.values()) steps.sort((a, b) => a.at - b.at);
  return [...found.values()];
}

function* seatDays(
  { id, plan, isAnnual, steps }: Workspace,
  customer: Customer,
  ctx: WorldContext,
): Generator<SeatDay> {
  const first = steps[0]?.at ?? 0;
  const firstDay = Math.floor(first / DAY);
  const drawn = idleOf(isAnnual, ctx.random('seats', id));
  const idleShare = hasTrait(customer, 'revises') ? 0.24 : drawn;
  let [paid, next] = [0, 0];
  for (let day = firstDay; (day + 1) * DAY <= ctx.options.now; day += 1) {
    const end = (day + 1) * DAY;
    let least = day === firstDay ? Infinity : paid;
    for (let step = steps[next]; step !== undefined && step.at < end; step = steps[next]) {
      paid += step.by;
      next += 1;
      // Steps of one instant are one step.
      if (steps[next]?.at !== step.at) least = Math.min(least, paid);
    }
    if (paid > 0 && least > 0) {
      const block = Math.floor((day - firstDay) / 28);
      const idle = isAnnual || block % 2 === 1 ? idleShare : 0;
      yield seatDay(id, plan, day, Math.max(1, Math.ceil(least * (1 - idle))), ctx);
    }
    if (paid === 0 && next === steps.length) return;
  }
  if (isAnnual && idleShare > 0.2) ctx.noteLookAlike('L30', id);
  if (customer.segment === 'team' && steps.length > 2) ctx.noteLookAlike('L06', id);
}

function idleOf(isAnnual: boolean, random: { share(): number }): number {
  const [kind, size] = [random.share(), random.share()];
  if (!isAnnual) return kind < 0.5 ? 0 : size * 0.15;
  return kind < 0.15 ? 0.24 : size * 0.12;
}

function seatDay(
  workspace: string,
  plan: string,
  number: number,
  assigned: number,
  ctx: WorldContext,
): SeatDay {
  const day = dayText(number);
  const usual = (number + 3) % 7 < 5 ? 0.8 : 0.25;
  const share = usual + 0.2 * ctx.random('seat day', workspace, number).share();
  return { workspace, day, assigned, active: Math.floor(assigned * share), plan };
}

/** Our own people's workspace: a handful of seats that nobody pays for. */
export function internalSeats(customer: Customer, now: Instant): SeatDay[] {
  const days: SeatDay[] = [];
  if (customer.segment !== 'team') return days;
  const workspace = customer.workspaces[0] ?? customer.organizationId;
  for (let day = Math.ceil(customer.arrivedAt / DAY); (day + 1) * DAY <= now; day += 1)
    days.push({ workspace, day: dayText(day), assigned: 6, active: 3, plan: 'internal' });
  return days;
}
