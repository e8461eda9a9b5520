import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { z } from 'zod';
import { accessExtension } from '../access/caller';
import { problemDocument } from '../platform/http/problem-document';

const tokenScheme = 'token';
const sessionScheme = 'session';
const known: Record<string, string[]>[] = [{ [tokenScheme]: [] }, { [sessionScheme]: [] }];
const description = `People sign in and send the session's cookie, with X-CSRF-Token where they
write; programs send a token. \`x-tieout-access\` names what an operation asks for: an action of the
roles (\`GET /api/v1/me\` tells which one holds, and how far), an identity, or nothing. What lies
beyond a caller's entities and periods is answered as if it did not exist. On the loopback, programs
may read without a token.
Every error is application/problem+json (RFC 9457) with a stable \`code\`. Amounts and counts are
exact decimal text.`;

type Operation = OpenAPIObject['paths'][string]['get'] & object;

/** Serves the description of the API at /api/openapi.json, and Swagger UI for it at /api/docs. */
export function serveOpenApi(app: NestExpressApplication, readsAreOpen: boolean): void {
  SwaggerModule.setup('api/docs', app, () => describeApi(app, readsAreOpen), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Tieout API',
    // Swagger's own validator would be told the address of this server.
    swaggerOptions: { validatorUrl: null, displayRequestDuration: true },
  });
}

/** The OpenAPI 3.1 document, from the same zod schemas that requests are held against. */
export function describeApi(app: NestExpressApplication, readsAreOpen: boolean): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Tieout')
    .setDescription(description)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer' }, tokenScheme)
    .addCookieAuth('tieout', { type: 'apiKey', in: 'cookie' }, sessionScheme)
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    standardSchemaConverter: (schema, { schemaType }) => jsonSchemaOf(schema, schemaType),
  });
  const schemas = (document.components ??= {}).schemas ?? {};
  const { schema, components } = jsonSchemaOf(problemDocument, 'output');
  document.components.schemas = { ...schemas, ...components };
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item as Record<string, Operation>))
      completeOperation({ path, method, operation }, readsAreOpen, schema);
  return document;
}

/** Named schemas become components; the draft is that of OpenAPI 3.1. */
function jsonSchemaOf(
  schema: unknown,
  io: 'input' | 'output',
): { schema: object; components: Record<string, object> } {
  if (!(schema instanceof z.ZodType)) throw new TypeError('a schema of the API is not of zod');
  const { $defs, ...own } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' });
  return JSON.parse(
    JSON.stringify({ schema: { ...own, $schema: undefined }, components: $defs ?? {} }).replaceAll(
      '"#/$defs/',
      '"#/components/schemas/',
    ),
  ) as { schema: object; components: Record<string, object> };
}

interface Place {
  path: string;
  method: string;
  operation: Operation;
}

/** What holds for every operation by its kind: who may call it, and how it can fail. */
function completeOperation(
  { path, method, operation }: Place,
  readsAreOpen: boolean,
  problem: object,
): void {
  const asks = (operation as Record<string, unknown>)[accessExtension];
  const open = asks === 'nothing';
  const writes = method !== 'get';
  const takesInput = (operation.parameters ?? []).length > 0 || operation.requestBody !== undefined;
  // Express gives the parts of `*path`; whoever calls writes one text with slashes.
  for (const parameter of operation.parameters ?? []) {
    const { schema } = parameter as { schema?: { type?: unknown } };
    if (schema?.type === 'array') Object.assign(parameter, { schema: { type: 'string' } });
  }
  const failures: Record<string, string> = {
    ...(takesInput ? { 400: 'What was sent is not valid; `problems` says where.' } : {}),
    ...(open && !writes ? {} : { 401: 'Nobody is signed in, and no good token was sent.' }),
    ...(writes || (!open && asks !== 'identity')
      ? { 403: 'The roles or the scope do not allow it, or another page sent it.' }
      : {}),
    ...(path.includes('{') || writes ? { 404: 'What is named does not exist.' } : {}),
    ...(writes ? { 413: 'The body is larger than 1 MiB.' } : {}),
    421: 'The Host header names another server.',
    500: 'The server failed; `incident` names the line of its log.',
  };
  if (open) operation.security = [];
  else if (writes || !readsAreOpen) operation.security = known;
  else operation.security = [{}, ...known];
  const responses = operation.responses as Record<
    string,
    { description: string; content?: object }
  >;
  for (const [status, text] of Object.entries(failures))
    responses[status] ??= { description: text };
  for (const [status, response] of Object.entries(responses))
    if (Number(status) >= 400)
      response.content = { 'application/problem+json': { schema: problem } };
}
