import type { Response } from 'supertest';
import { z } from 'zod';

interface Published {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
  components: { schemas: Record<string, object> };
}

/** Holds an answer against what the published document says of its operation and status. */
export function answerProblems(
  document: Published,
  operation: { method: string; path: string },
  answer: Response,
): string[] {
  const published =
    document.paths[operation.path]?.[operation.method]?.responses[String(answer.status)];
  if (published === undefined) return [`${answer.status} is not published`];
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  const schema = published.content?.[type]?.schema;
  if (schema === undefined) return [`${type} is not published for ${answer.status}`];
  const inlined = JSON.parse(
    JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
      '#/components/schemas/',
      '#/$defs/',
    ),
  ) as Parameters<typeof z.fromJSONSchema>[0];
  const body: unknown = JSON.parse(answer.text);
  const parsed = z.fromJSONSchema(inlined).safeParse(body);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}
