/** Owns the description of the API in OpenAPI 3.1, made from the rows alone. */
import {z} from 'zod';
import {fieldsOf, type Row} from './row.ts';
import {ProblemAnswer, shapes} from './shapes.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** An alias, since an interface does not pass for an open record. */
export type OpenApi = {
  readonly openapi: '3.1.0';
  readonly info: {readonly title: string; readonly version: string; readonly summary: string};
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {readonly schemas: Readonly<Record<string, Schema>>};
};

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  /** What a caller must be allowed, and how often it may be asked: which group of routes it counts with. */
  readonly 'x-permission': string;
  readonly 'x-bucket': string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {readonly required: boolean; readonly content: Content};
  readonly responses: Readonly<Record<string, {readonly description: string; readonly content?: Content}>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, {readonly schema: Schema}>>;

export function openApi(rows: Readonly<Record<string, Row>>, version: string): OpenApi {
  const schemas = new Map<string, Schema>();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [name, row] of Object.entries(rows)) {
    const path = row.path.replaceAll(/:([a-z]+)/g, '{$1}');
    paths[path] = {...paths[path], [row.method.toLowerCase()]: operationOf(name, row, schemas)};
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Dubstead',
      version,
      summary:
        'A self-hosted dubbing appliance. Answers that are no success hold {error: {code, what, fix}}.',
    },
    paths,
    components: {schemas: Object.fromEntries([...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)))},
  };
}

type Named = Map<string, Schema>;

function operationOf(name: string, row: Row, schemas: Named): Operation {
  const body = bodyOf(row, schemas);
  const bodied = body === undefined ? {} : {requestBody: body};
  return {
    operationId: name,
    summary: row.summary,
    'x-permission': row.permission,
    'x-bucket': row.bucket,
    parameters: parametersOf(row, schemas),
    ...bodied,
    responses: {
      ...successOf(row, schemas),
      ...(row.answer.is === 'file' ? ofFiles : {}),
      ...(row.answer.is === 'page' ? {304: ofFiles[304]} : {}),
      default: {
        description: 'Not done: what happened and what to do about it.',
        content: {'application/json': {schema: schemaOf(ProblemAnswer, schemas)}},
      },
    },
  };
}

function successOf(row: Row, schemas: Named): Operation['responses'] {
  if (row.answer.is === 'socket') return overSocket(row.answer.message, schemas);
  return row.answer.is === 'tus' ? ofTus : {200: {description: 'Done.', content: contentOf(row, schemas)}};
}

function overSocket(message: z.ZodType, schemas: Named): Operation['responses'] {
  const content = {'application/json': {schema: schemaOf(message, schemas)}};
  return {
    101: {description: 'A WebSocket, over which these come one by one.', content},
    426: {description: 'The request asked for no WebSocket.'},
  };
}

const binary = {'*/*': {schema: {type: 'string', format: 'binary'}}} satisfies Content;

const ofFiles: Operation['responses'] = {
  206: {description: 'The part that Range asks for; Content-Range says where it lies.', content: binary},
  304: {description: 'The client has it already.'},
  416: {
    description: 'No byte of the file is in the range; Content-Range says how long it is.',
  },
};

const ofTus: Operation['responses'] = {
  '2XX': {description: 'Done; header fields say the rest, as tus 1.0 has it (https://tus.io).'},
};

const tusHeaders = ['Tus-Resumable', 'Upload-Length', 'Upload-Metadata', 'Upload-Offset', 'Upload-Checksum'];
const fileHeaders = [
  'Range',
  'If-Range',
  'If-Match',
  'If-None-Match',
  'If-Modified-Since',
  'If-Unmodified-Since',
];

function parametersOf(row: Row, schemas: Named): Parameter[] {
  const parameters: Parameter[] = fieldsOf(row.path).flatMap(name => {
    const field = row.params.shape[name];
    return field === undefined
      ? []
      : [{name, in: 'path' as const, required: true, schema: schemaOf(field, schemas)}];
  });
  for (const [name, field] of Object.entries(row.query.shape)) {
    const required = !field.safeParse(undefined).success;
    parameters.push({name, in: 'query', required, schema: schemaOf(field, schemas)});
  }
  for (const name of headersOf(row)) {
    parameters.push({name, in: 'header', required: false, schema: {type: 'string'}});
  }
  return parameters;
}

function headersOf({answer, idempotent}: Row): readonly string[] {
  if (idempotent) return ['Idempotency-Key'];
  if (answer.is === 'file') return fileHeaders;
  if (answer.is === 'page') return ['If-Match', 'If-None-Match'];
  if (answer.is === 'tus') return tusHeaders;
  return 'follow' in answer && answer.follow !== undefined ? ['Last-Event-ID'] : [];
}

function bodyOf({body, answer}: Row, schemas: Named): Operation['requestBody'] {
  if (answer.is === 'tus' && answer.takes === 'bytes')
    return {required: true, content: {'application/offset+octet-stream': binary['*/*']}};
  if (body === null) return undefined;
  const {schema} = body;
  const required = !schema.safeParse({}).success;
  return {required, content: {'application/json': {schema: schemaOf(schema, schemas)}}};
}

function contentOf({answer}: Row, schemas: Named): Content {
  if (answer.is === 'text' || answer.is === 'page') return {[answer.type]: {schema: {type: 'string'}}};
  if (answer.is === 'file' || answer.is === 'socket') return binary;
  if (answer.is === 'tus') return {};
  const events =
    answer.follow === undefined ? {} : {'text/event-stream': {schema: schemaOf(answer.follow, schemas)}};
  if (answer.is === 'events') return events;
  return {'application/json': {schema: schemaOf(answer.schema, schemas)}, ...events};
}

const local = '#/$defs/';
const shared = '#/components/schemas/';

/** Shapes with a name are described once, among the components, and referred to. */
function schemaOf(schema: z.ZodType, schemas: Named): Schema {
  // As input, so that a client is not told to refuse what a later version adds.
  const {$schema, $defs, ...own} = z.toJSONSchema(schema, {metadata: shapes, io: 'input'});
  for (const [name, definition] of Object.entries($defs ?? {})) {
    if (!schemas.has(name)) schemas.set(name, withSharedRefs(definition));
  }
  return withSharedRefs(own);
}

function withSharedRefs<T>(schema: T): T {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(local)
      ? shared + value.slice(local.length)
      : value,
  );
}
