const split = (words: string): readonly string[] => words.split(' ');

const firstNames = split(
  'Ada Alan Amara Anders Aiko Beatriz Bruno Carla Chen Clara Dana Daniel Diego Elena Emil Erik ' +
    'Fatima Felix Fiona Freya Gabor Grace Hana Hugo Ines Irina Ivan Jack Jana Jin Joana Jonas ' +
    'Kaito Karl Kenji Laila Lars Lea Leon Lina Luca Maeve Maya Mateo Mei Mila Nadia Nils Nora ' +
    'Olga Omar Oscar Paula Priya Rafael Ravi Rosa Ruth Sami Sara Sofia Tariq Theo Yuki Zoe',
);
const lastNames = split(
  'Abbott Adeyemi Aoki Bauer Becker Bernard Bianchi Brandt Byrne Castillo Chan Costa Dahl Diaz ' +
    'Doyle Dubois Eriksen Evans Farkas Ferrari Fischer Fontaine Garcia Haddad Hansen Hayashi ' +
    'Ito Jensen Johansson Kato Keller Khan Kim Kowalski Larsen Lee Lopez Malik Martin Meyer ' +
    'Moreau Murphy Nagy Nakamura Novak Okafor Olsen Patel Pereira Quinn Ricci Rossi Sato ' +
    'Schmidt Silva Singh Sousa Suzuki Tanaka Torres Walsh Weber Wong Yamada Zhang',
);
const firstWords = split(
  'Acorn Alder Amber Anchor Apex Arbor Aster Atlas Aurora Beacon Birch Bluewater Bramble ' +
    'Brightside Canyon Cedar Cinder Cobalt Compass Copper Coral Crescent Delta Driftwood Ember ' +
    'Fern Flint Foxglove Garnet Granite Harbor Hazel Heron Highland Indigo Ironwood Juniper ' +
    'Kestrel Lantern Larch Linden Lumen Maple Meridian Mistral Moss Nimbus Oakhurst Onyx Orchard ' +
    'Osprey Pebble Pine Quarry Raven Redwood Ridge River Rowan Saffron Sable Sequoia Sierra ' +
    'Slate Solstice Sparrow Spruce Sterling Summit Tamarack Thistle Timber Topaz Umber Vale ' +
    'Verdant Vesper Walnut Willow Zephyr',
);
const secondWords = split(
  'Analytics Biotech Capital Commerce Components Consulting Data Design Diagnostics Dynamics ' +
    'Education Energy Engineering Foods Freight Games Health Hotels Imaging Insurance ' +
    'Interactive Labs Legal Logistics Marine Materials Media Mobility Motors Networks Optics ' +
    'Payments Pharma Press Research Retail Robotics Security Software Studios Systems Textiles ' +
    'Tools Travel Ventures Water Works',
);

const thirdWords = ['', ' Group', ' Partners', ' Collective'];

const legalForms: Readonly<Record<string, string>> = {
  US: 'Inc.',
  CA: 'Inc.',
  GB: 'Ltd',
  IE: 'Ltd',
  DE: 'GmbH',
  FR: 'SAS',
  NL: 'B.V.',
  ES: 'S.L.',
  IT: 'S.r.l.',
  HU: 'Kft.',
  IS: 'ehf.',
  JP: 'K.K.',
  KW: 'W.L.L.',
  BH: 'W.L.L.',
  AU: 'Pty Ltd',
  IN: 'Pvt Ltd',
  SG: 'Pte Ltd',
  BR: 'Ltda.',
};

const slugOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');

const nth = (words: readonly string[], n: number): string => words[n % words.length] ?? '';

/** A person; no two indices below 4,000 share a name, and none an address (RFC 2606 domain). */
export function personName(index: number): { name: string; email: string } {
  const step = index * 1_009;
  const first = nth(firstNames, step);
  const last = nth(lastNames, Math.floor(step / firstNames.length));
  return {
    name: `${first} ${last}`,
    email: `${slugOf(`${first} ${last}`).replace('-', '.')}.${String(index + 1)}@example.com`,
  };
}

/** A company with the legal form of its country; no two indices below 15,000 share a name. */
export function companyName(index: number, country: string): { name: string; email: string } {
  const step = index * 1_301;
  const pairs = firstWords.length * secondWords.length;
  const first = nth(firstWords, step);
  const second = nth(secondWords, Math.floor(step / firstWords.length));
  const name = `${first} ${second}${nth(thirdWords, Math.floor(step / pairs))}`;
  return {
    name: `${name} ${legalForms[country] ?? 'Ltd'}`,
    email: `billing@${slugOf(name)}-${String(index + 1)}.example`,
  };
}
