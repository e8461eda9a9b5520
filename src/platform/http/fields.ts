import { z } from 'zod';

/** Shapes that answers share; named, so that a generated client names them too. */

export const amountText = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ id: 'Amount', description: 'Exact decimal in major units, as text: "1234.5".' });

export const countText = z
  .string()
  .regex(/^\d+$/)
  .meta({ id: 'Count', description: 'Whole number as text, since it may pass 2^53.' });

export const sha256Text = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256', description: 'SHA-256, lower-case hexadecimal.' });

export const instant = z.iso
  .datetime()
  .meta({ id: 'Instant', description: 'UTC, ISO 8601, microseconds.' });

export const dateText = z.iso
  .date()
  .meta({ id: 'Date', description: 'Accounting date, without a time zone.' });

export const currencyText = z
  .string()
  .meta({ id: 'Currency', description: 'ISO 4217 code as the source writes it.' });

/** SQL text of an instant column in the form of `instant`, whatever the session's style. */
export const instantSql = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
