import { z } from 'zod';

/** The name of a problem type: a URN, since nobody fetches it (RFC 9457 §3.1.1). */
export const problemType = (code: string): string => `urn:tieout:problem:${code}`;

/** What every error answer of the API is: application/problem+json (RFC 9457). */
export const problemDocument = z
  .object({
    type: z.string().describe('urn:tieout:problem:<code>.'),
    title: z.string().describe('The same for every occurrence of this code.'),
    status: z.int(),
    code: z.string().describe('Stable; for programs.'),
    detail: z.string().describe('This occurrence, for people.'),
    instance: z.string().describe('urn:uuid of this request, as in the log.'),
    problems: z
      .array(
        z.object({
          file: z.string().optional(),
          line: z.int().optional(),
          field: z.string().optional(),
          message: z.string(),
          remedy: z.string(),
        }),
      )
      .optional()
      .describe('Everything wrong in what was sent, located.'),
    incident: z.string().optional().describe('Given with 5xx: what to name when asking for help.'),
  })
  .meta({ id: 'Problem', description: 'An error, as RFC 9457 describes it.' });
export type ProblemDocument = z.infer<typeof problemDocument>;
