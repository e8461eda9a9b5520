import type { Control } from '../core/control';
import type { Problem } from '../core/problem';
import type { SqlSource } from './sql-vocabulary';

/** A population's SQL, judged and ready to bind. */
export interface LoadedPopulation {
  name: string;
  /** The .sql file, as the reader knows it. */
  file: string;
  /** Byte for byte as in the file. */
  sql: string;
  /** What is executed: the same, and in front of it the populations that it reads. */
  query: string;
  /** Where the files of the query begin in it, in order. */
  parts: QueryPart[];
  /** books: PostgreSQL reads it. files: DuckDB does. */
  source: SqlSource;
  /** `books.orders`, sorted; with those of the populations it reads. */
  relations: string[];
  /** Names of the columns it returns, in order. */
  columns: string[];
  parameters: string[];
}

/** The text of one file within a query. */
export interface QueryPart {
  file: string;
  /** Line of the query at which it begins. */
  line: number;
  sql: string;
}

/** A control in which nothing is wrong. */
export interface LoadedControl {
  control: Control;
  /** Its folder, readable from the working directory. */
  folder: string;
  /** SHA-256 of all that its verdict depends on; cases and README are not part of it. */
  version: string;
  /** By name, only those its procedures name. */
  populations: Record<string, LoadedPopulation>;
  /** control.yaml and all SQL it reads; paths start at the catalogue's folder, with `/`. */
  files: { path: string; sha256: string }[];
  /** Its case files, readable from the working directory. */
  cases: string[];
}

export interface Catalog {
  /** The folder it was read from. */
  dir: string;
  /** Only controls without a problem, by id. */
  controls: LoadedControl[];
  /** Everything wrong in the folder, by file and line. */
  problems: Problem[];
}
