import { z } from 'zod';

/** The query parameters that narrow a list to a control, an entity and a period. */
export const scopeQuery = {
  control: z
    .string()
    .regex(/^[A-Z]{2,5}-\d{2,3}$/, 'must look like BK-01')
    .optional(),
  entity: z
    .string()
    .regex(/^[a-z0-9-]{1,100}$/, 'must be an id of an entity in tieout.yaml')
    .optional(),
  period: z
    .string()
    .regex(/^\d{4}(-[0-9A-Z]{2,3}){1,2}$/, 'must be a period such as 2026-06 or 2026-06-30')
    .optional(),
};
