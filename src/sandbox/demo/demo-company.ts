import { addBusinessDays, type BusinessCalendar } from '../../core/calendar';
import type { SeededRandom } from './seeded-random';

/** The two entities as the generator needs them; tieout.demo.yaml declares the same. */
export interface DemoEntity {
  id: 'ni-us' | 'ni-ie';
  /** Offset of its book time zone in June 2026. */
  offset: string;
  calendar: BusinessCalendar;
  currency: string;
  /** A second currency, in which it sometimes sells. */
  foreign: string;
  legalForms: readonly string[];
  bankAccount: string;
}

const weekend = ['saturday', 'sunday'] as const;

export const demoEntities: Record<DemoEntity['id'], DemoEntity> = {
  'ni-us': {
    id: 'ni-us',
    offset: '-07:00',
    calendar: { weekend, holidays: ['2026-05-25', '2026-06-19', '2026-07-03'] },
    currency: 'USD',
    foreign: 'JPY',
    legalForms: ['Inc', 'LLC', 'Corp'],
    bankAccount: 'US-OPERATING-4417',
  },
  'ni-ie': {
    id: 'ni-ie',
    offset: '+01:00',
    calendar: { weekend, holidays: ['2026-05-04', '2026-06-01'] },
    currency: 'EUR',
    foreign: 'GBP',
    legalForms: ['Ltd', 'GmbH', 'SAS', 'BV'],
    bankAccount: 'IE-OPERATING-9082',
  },
};

export const demoPeriod = { key: '2026-06', start: '2026-06-01', end: '2026-07-01' } as const;
export const demoAsOf = '2026-07-06';
/** After the as-of day is over in both time zones. */
export const demoExtractedAt = '2026-07-07T13:05:00Z';

const first = (
  'Acorn Alder Amber Apex Arbor Aster Atlas Aurora Basalt Beacon Birch Boreal Canyon Cedar ' +
  'Cinder Citrine Copper Coral Crest Driftwood Dune Ember Fjord Flint Forge Garnet Glacier ' +
  'Granite Hazel Helix Heron Indigo Iris Keystone Lark Lumen Maple Mosaic Oak Obsidian Onyx ' +
  'Orchard Osprey Pine Prairie Quarry Quartz Raven Redwood Ridge Sable Saffron Silver Slate ' +
  'Solstice Sparrow Spruce Sterling Summit Tidal Timber Topaz Trellis Umber Verdant Vertex ' +
  'Violet Willow Wren Zephyr'
).split(' ');
const second = (
  'Robotics Analytics Health Freight Labs Grid Foods Capital Media Systems Biotech Energy ' +
  'Studios Retail Insurance Aerospace'
).split(' ');
const people = ['Ana Duarte', 'Ben Okafor', 'Chloe Martin', 'Dev Patel', 'Erin Walsh', 'Jun Ito'];

export const customerName = (random: SeededRandom, entity: DemoEntity): string =>
  `${random.pick(first)} ${random.pick(second)} ${random.pick(entity.legalForms)}`;

export const ownerName = (random: SeededRandom): string => random.pick(people);

/** A working day, so many working days after another. */
export const workday = (entity: DemoEntity, from: string, after: number): string =>
  addBusinessDays(from, after, entity.calendar);

/** An instant of a day in the entity's book time zone, at a time of its working day or evening. */
export function instantOn(random: SeededRandom, entity: DemoEntity, date: string): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [random.int(8, 23), random.int(0, 59), random.int(0, 59)].map(two).join(':');
  return `${date}T${time}${entity.offset}`;
}
