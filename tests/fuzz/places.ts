/** Every place of every route that takes a text from outside, as the OpenAPI document lists them. */
import { randomUUID } from 'node:crypto';

export interface Sent {
  method: string;
  target: string;
  headers: Record<string, string>;
  body?: Buffer;
}

export interface Place {
  route: string;
  /** such as `body`, `field email`, `query cursor` */
  where: string;
  kind: 'body' | 'field' | 'head';
  /** The most bytes that get as far as the route. */
  mostBytes: number;
  sent(text: string): Sent;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
}
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: { session: { name: string } } };
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
/** A body of the API's own, and one of the codec, whose limit is that of Temporal. */
const BODY_BYTES = 64 * 1024;
const CODEC_BYTES = 2 ** 20;
/** Less than a URL or all headers may have. */
const HEAD_BYTES = 7 * 1024;
/** Read on every route, so asked of one. */
const HEADERS = [
  'user-agent',
  'accept',
  'origin',
  'cookie',
  'authorization',
  'x-forwarded-for',
  'if-none-match',
  'range',
];
const READ_BY_ALL = 'GET /health/live';

export function placesOf(document: OpenApi): Place[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      return operation ? placesOfRoute(document, { method: method.toUpperCase(), path, operation }) : [];
    }),
  );
}

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

function placesOfRoute(document: OpenApi, { method, path, operation }: Route): Place[] {
  const route = `${method} ${path}`;
  const target = path.replaceAll(/\{\w+\}/g, () => randomUUID());
  const schema = operation.requestBody?.content['application/json']?.schema;
  const body = schema === undefined ? undefined : Buffer.from('{}');
  const plain = (): Sent => ({ method, target, headers: headersOf(body), ...(body && { body }) });
  const head = { route, kind: 'head' as const, mostBytes: HEAD_BYTES };
  const inHeader = (name: string): Place => ({
    ...head,
    where: `header ${name}`,
    sent: (text) => ({ ...plain(), headers: { ...plain().headers, [name]: text.trim() } }),
  });
  const inHead = (operation.parameters ?? []).map(({ name, in: where }): Place => {
    if (where === 'header') return inHeader(name);
    const targetOf = (text: string) =>
      where === 'path'
        ? path.replaceAll(/\{\w+\}/g, encodeURIComponent(text).slice(0, HEAD_BYTES))
        : `${target}?${name}=${encodeURIComponent(text).slice(0, HEAD_BYTES)}`;
    return { ...head, where: `${where} ${name}`, sent: (text) => ({ ...plain(), target: targetOf(text) }) };
  });
  const common = route === READ_BY_ALL ? HEADERS.map(inHeader) : [];
  return [
    ...common,
    ...inHead,
    ...(schema === undefined ? [] : bodyPlaces(document, schema, { route, method, target })),
  ];
}

function bodyPlaces(
  document: OpenApi,
  schema: Schema,
  { route, method, target }: Record<'route' | 'method' | 'target', string>,
): Place[] {
  const mostBytes = target.startsWith('/codec') ? CODEC_BYTES : BODY_BYTES;
  const sent = (text: string): Sent => {
    const body = Buffer.from(text);
    return { method, target, headers: headersOf(body), body };
  };
  const whole: Place = { route, where: 'body', kind: 'body', mostBytes, sent };
  const { fixed, texts } = fieldsOf(document, schema);
  const fields = texts.flatMap((name): Place[] => {
    const inField = (wrap: (text: string) => unknown) => (text: string) =>
      sent(JSON.stringify({ ...fixed, [name]: wrap(text) }));
    return [
      { route, where: `field ${name}`, kind: 'field', mostBytes, sent: inField((text) => text) },
      { route, where: `list in ${name}`, kind: 'field', mostBytes, sent: inField((text) => text.match(/.{1,8}/gsu)) },
    ];
  });
  return [whole, ...fields];
}

function headersOf(body: Buffer | undefined): Record<string, string> {
  const own = { 'idempotency-key': randomUUID() };
  return body ? { ...own, 'content-type': 'application/json', 'content-length': `${body.length}` } : own;
}

/** The names of an object's fields, and the values of those that may have one only: they choose between forms. */
function fieldsOf(document: OpenApi, schema: Schema): { fixed: Record<string, unknown>; texts: string[] } {
  const fixed: Record<string, unknown> = {};
  const texts = new Set<string>();
  const look = ({ $ref, allOf = [], anyOf = [], oneOf = [], properties = {} }: Schema): void => {
    const named = $ref === undefined ? undefined : document.components.schemas[$ref.replace(/^.*\//, '')];
    for (const part of [...(named ? [named] : []), ...allOf, ...anyOf, ...oneOf]) look(part);
    for (const [name, field] of Object.entries(properties)) {
      if (field.const === undefined) texts.add(name);
      else fixed[name] ??= field.const;
    }
  };
  look(schema);
  return { fixed, texts: [...texts] };
}
