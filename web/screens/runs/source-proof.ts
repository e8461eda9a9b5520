/** What populations.json of a run's evidence says of one population, as far as it is shown. */

export interface SourceProof {
  relation: string;
  /** In words: 'closed windows, each agreed by its source'. */
  verified: string;
  /** Stretches of a source it was read from, and the instant up to which each is proven. */
  proven: { stream: string; through: string }[];
  /** When a file or a warehouse query was extracted, as far as it says so. */
  extractedAt: string[];
}

export interface PopulationProof {
  procedure: string;
  side: string;
  /** Verbatim, with its parameters filled in; null where nothing was frozen. */
  executed: string | null;
  parameters: [name: string, value: string][];
  sources: SourceProof[];
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads the evidence file; what it does not say is left out, never guessed. */
export function proofsIn(file: unknown): PopulationProof[] {
  return listOf(file).flatMap((procedure) =>
    listOf(procedure['sides']).map((side): PopulationProof => {
      const frozen = isObject(side['frozen']) ? side['frozen'] : {};
      const parameters = isObject(side['parameters']) ? side['parameters'] : {};
      return {
        procedure: textOf(procedure['procedure']),
        side: textOf(side['side']),
        executed: textOf(frozen['executed']) || null,
        parameters: Object.entries(parameters).map(([name, given]) => [
          name,
          isObject(given) ? textOf(given['value']) : '',
        ]),
        sources: listOf(frozen['sources']).map(sourceOf),
      };
    }),
  );
}

function sourceOf({ relation, verified, facts }: Json): SourceProof {
  const all = Object.entries(isObject(facts) ? facts : {});
  const proven = all.flatMap(([stream, fact]) => {
    const [, through] = /^closed through (.+)$/.exec(textOf(fact)) ?? [];
    return through === undefined ? [] : [{ stream, through }];
  });
  const extracted = all.find(([name]) => name === 'extracted_at')?.[1];
  const isInstant = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T/.test(text);
  return {
    relation: textOf(relation),
    verified: textOf(verified),
    proven,
    extractedAt: textOf(extracted).split(', ').filter(isInstant),
  };
}

/** The instant up to which all of it is read: its oldest part decides. null: nothing says it. */
export function readThrough({ sources }: Pick<PopulationProof, 'sources'>): string | null {
  const instants = sources.flatMap(({ proven, extractedAt }) => [
    ...proven.map(({ through }) => through),
    ...extractedAt,
  ]);
  return instants.sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
}
