/** What one examination of `tieout doctor` found. */
export interface Diagnosis {
  /** What was looked at, in one or two words. */
  about: string;
  status: 'ok' | 'warn' | 'fail';
  message: string;
  /** What to do; null where nothing is to be done. */
  remedy: string | null;
}

export const ok = (about: string, message: string): Diagnosis => ({
  about,
  status: 'ok',
  message,
  remedy: null,
});

export const warn = (about: string, message: string, remedy: string): Diagnosis => ({
  about,
  status: 'warn',
  message,
  remedy,
});

export const fail = (about: string, message: string, remedy: string): Diagnosis => ({
  about,
  status: 'fail',
  message,
  remedy,
});
