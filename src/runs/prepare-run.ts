import type { ParameterValue } from '../core/bind-parameters';
import {
  addDays,
  isDate,
  periodOf,
  periodSoFar,
  type BusinessCalendar,
  type Period,
} from '../core/calendar';
import { looksEarly, periodLength, type Control } from '../core/control';
import { Refusal } from '../core/problem';
import { overrideProblem, overridesOf } from '../catalog/check-overrides';
import type { Catalog, LoadedControl } from '../catalog/catalog';
import { lastWholeDay } from '../platform/clock';
import type { Config, EntityConfig } from '../platform/config';
import { boundValues } from './freeze/freeze-populations';
import type { RunRequest } from './run-types';

/** A request with everything it names looked up. */
export interface PreparedRun {
  request: RunRequest;
  loaded: LoadedControl;
  control: Control;
  entity: EntityConfig;
  calendar: BusinessCalendar;
  period: Period;
  values: Record<string, ParameterValue>;
  /** Names of those among them that tieout.yaml sets for the entity. */
  overridden: string[];
  /** Versions that computed the verdict. */
  engine: { tieout: string; duckdb: string; node: string };
  /** The same for every run of this control, entity and period; null without a public URL. */
  link: string | null;
}

/** Throws Refusal `not_found` or `invalid_request`, saying what exists instead. */
export function prepareRun(
  request: RunRequest,
  config: Config,
  catalog: Catalog,
  engine: PreparedRun['engine'],
  now: string,
): PreparedRun {
  const loaded = catalog.controls.find(({ control }) => control.id === request.control);
  if (!loaded)
    throw new Refusal(
      'not_found',
      `There is no valid control ${request.control} in ${catalog.dir}; ` +
        '`tieout controls validate` says what is wrong there.',
    );
  const entity = config.entities.find(({ id }) => id === request.entity);
  if (!entity)
    throw new Refusal(
      'not_found',
      `There is no entity ${request.entity}; ${config.file} has ` +
        `${config.entities.map(({ id }) => id).join(', ')}.`,
    );
  const calendar = config.calendars[entity.calendar];
  if (!calendar) throw new Error(`entity ${entity.id} has no calendar`);
  if (!isDate(request.asOf))
    throw new Refusal('invalid_request', `'${request.asOf}' is not a date; write YYYY-MM-DD.`);
  const period = readPeriod(loaded.control, request.period);
  requireAsOf(
    request.asOf,
    { control: loaded.control, period },
    lastWholeDay(now, entity.time_zone),
  );
  const overrides = requireOverrides(loaded.control, entity);
  const { public_url: url } = config.server;
  const query = `control=${request.control}&entity=${entity.id}&period=${period.key}`;
  return {
    request,
    loaded,
    control: loaded.control,
    entity,
    calendar,
    period,
    values: boundValues(
      loaded.control,
      { period: periodSoFar(period, request.asOf), asOf: request.asOf, entity: entity.id },
      overrides,
    ),
    overridden: Object.keys(overrides).sort(),
    engine,
    link: url ? `${url.replace(/\/$/, '')}/api/v1/exceptions?${query}` : null,
  };
}

/** Without them the run would judge by other rules than the entity set. */
function requireOverrides(control: Control, entity: EntityConfig): Control['parameters'] {
  const overrides = overridesOf(entity, control.id);
  for (const [name, value] of Object.entries(overrides)) {
    const problem = overrideProblem(control, name, value);
    if (problem === null) continue;
    const { message, remedy } = problem;
    throw new Refusal('invalid_request', `${name} of ${entity.id} ${message} ${remedy}`);
  }
  return overrides;
}

/**
 * A period is judged by days that have ended, and when it has ended itself; one that is not over
 * only by controls that look more often than it ends, as far as it has come.
 */
function requireAsOf(
  asOf: string,
  { control, period }: Pick<PreparedRun, 'control' | 'period'>,
  lastDay: string,
): void {
  const isEarly = looksEarly(control);
  const earliest = isEarly ? period.start : addDays(period.end, -1);
  if (asOf < earliest)
    throw new Refusal(
      'invalid_request',
      isEarly
        ? `${period.key} begins on ${earliest}, after ${asOf}.`
        : `${period.key} ends on ${earliest}, after ${asOf}.`,
    );
  if (asOf > lastDay)
    throw new Refusal('invalid_request', `${asOf} is not over; the last whole day is ${lastDay}.`);
}

function readPeriod(control: Control, key: string): Period {
  try {
    return periodOf(periodLength(control), key);
  } catch (cause) {
    if (cause instanceof RangeError) throw new Refusal('invalid_request', `${cause.message}.`);
    throw cause;
  }
}
