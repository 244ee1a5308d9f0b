import { z } from 'zod';
import type { openApiDocument } from '../../src/api/http/openapi-document.js';

type Document = ReturnType<typeof openApiDocument>;
type Answers = NonNullable<NonNullable<NonNullable<Document['paths']>[string]['get']>['responses']>;
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

export interface JudgedAnswer {
  method: string;
  path: string;
  status: number;
  contentType: string;
  text: string;
}

/** Returns what the document does not describe of an answer; undefined when it describes all. What it does not describe is no operation of ours. */
export function documentedAnswers(document: Document): (answer: JudgedAnswer) => string | undefined {
  const paths = Object.entries(document.paths ?? {}).map(([template, operations]) => ({
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    operations,
  }));
  const schemaOf = createSchemas(document);
  return ({ method, path, status, contentType, text }) => {
    const [bare = ''] = path.split('?', 1);
    const known = paths.find(({ pattern }) => pattern.test(bare));
    const answers = known?.operations[method.toLowerCase() as 'get']?.responses;
    if (answers === undefined) return undefined;
    const answer = answers[status];
    if (answer === undefined) return `status ${status}`;
    const content = contentOf(answer);
    if (!(contentType in content)) return contentType === '' && text === '' ? undefined : `${status} ${contentType}`;
    if (!/json$/.test(contentType)) return undefined;
    const { error } = schemaOf(content[contentType]?.schema).safeParse(JSON.parse(text));
    return error && `${status} ${contentType}: ${z.prettifyError(error)}`;
  };
}

function contentOf(answer: Answers[string]): Record<string, { schema?: object }> {
  return 'content' in answer ? (answer.content ?? {}) : {};
}

/** Checkers of the document's JSON schemas, each made once. */
function createSchemas({ components }: Document): (schema: object | undefined) => z.ZodType {
  const made = new Map<object, z.ZodType>();
  const $defs = inDefs(components?.schemas ?? {});
  return (schema = {}) => {
    const known = made.get(schema) ?? z.fromJSONSchema({ ...inDefs(schema), $defs } as JsonSchema);
    made.set(schema, known);
    return known;
  };
}

/** References lead to where JSON Schema itself keeps what is shared. */
function inDefs(schemas: object): object {
  return JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/')) as object;
}
