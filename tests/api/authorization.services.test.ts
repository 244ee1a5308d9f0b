/** T13, T14: who may call what: every operation of the document, as every kind of caller. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/api/http/openapi-document.js';
import { CALLERS, type CallerKind, newCaller, pathFor } from './callers.js';
import { type Answer, type Call, openApi, PUBLIC_URL } from './harness.js';
import { type Operation, operationsOf } from './operations.js';

let api: Awaited<ReturnType<typeof openApi>>;
let operations: Operation[];
beforeAll(async () => {
  api = await openApi();
  operations = operationsOf(openApiDocument(api.app, PUBLIC_URL));
});
afterAll(() => api.close());

const YES = '✓';
const REFUSALS: Record<string, string> = {
  'insufficient-scope': '403 scope',
  forbidden: '403',
  'reauth-required': '403 password',
};

/** What the document says that a caller is answered. */
function documented({ security }: Operation, { isValid, role, scopes, isFresh }: CallerKind): string {
  if (security === undefined) return YES;
  const needsOf = (scheme: string) => security.find((needs) => scheme in needs)?.[scheme];
  if (!isValid || needsOf('metrics')) return '401';
  const needs = needsOf(scopes ? 'bearer' : 'session');
  if (needs === undefined) return '403';
  if (scopes && !needs.every((need) => scopes.some((scope) => scope === need))) return '403 scope';
  if (needs.includes('admin') && role === 'standard') return '403';
  return needs.includes('reauthenticated') && !isFresh ? '403 password' : YES;
}

/** Calls with a body that nobody can read, so that who is let in does no harm. */
async function call({ method, hasBody }: Operation, target: string, credential: Call): Promise<Answer> {
  const body = hasBody ? { rawBody: '{' } : {};
  return api.call(method, target, { ...credential, ...body });
}

/** Without Temporal, which this API does not have, some answers are that it is away. */
function answerOf({ status, json }: Answer): string {
  if (status !== 401 && status !== 403) return status < 500 || status === 503 ? YES : `${status}`;
  return status === 401 ? '401' : (REFUSALS[String(json.type).replace('urn:arbion:problem:', '')] ?? String(json.type));
}

async function answerTo(operation: Operation, kind: CallerKind): Promise<string> {
  const { userId, credential } = await newCaller(api, kind);
  return answerOf(await call(operation, await pathFor(api, operation, userId), credential));
}

test('T13 B53 B55 every operation lets in whom the document names, and answers everybody else why not', async () => {
  const rows: string[][] = [];
  for (const operation of operations) {
    const cells = await Promise.all(CALLERS.map((kind) => answerTo(operation, kind)));
    const expected = CALLERS.map((kind) => documented(operation, kind));
    const row = [operation.name, ...cells, await answerToOther(operation)];
    expect(row).toEqual([operation.name, ...expected, ownerAlone(operation) ? '404' : '']);
    rows.push(row);
  }
  expect(rows.length).toBeGreaterThan(50);
  // `npx vitest run --project services tests/api/authorization.services.test.ts --update` writes it anew
  await expect(tableOf(rows)).toMatchFileSnapshot('../../docs/authorization.md');
});

/** Whether the id in its path names something that only its owner knows of. */
function ownerAlone({ path, security }: Operation): boolean {
  return path.includes('{id}') && !path.includes('/admin/') && security !== undefined;
}

/** The answer to a user who asks with an id of somebody else. */
async function answerToOther(operation: Operation): Promise<string> {
  if (!ownerAlone(operation)) return '';
  const { userId: owner } = await api.addTrader();
  const { credential } = await newCaller(api, { name: 'user', role: 'standard', isValid: true, isFresh: true });
  return `${(await callWell(operation, await pathFor(api, operation, owner), credential)).status}`;
}

describe("T14 what is somebody else's", () => {
  test('looks to the byte like what there is not', async () => {
    const owned = operations.filter(ownerAlone);
    expect(owned.length).toBeGreaterThan(6);
    for (const operation of owned) {
      const { userId: owner } = await api.addTrader();
      const foreign = await pathFor(api, operation, owner);
      const unknown = foreign.replace(/[0-9a-f]{12}(?=\/|$)|(?<=\/)\d+(?=\/)/, '0'.repeat(12));
      expect(unknown).not.toBe(foreign);
      for (const kind of CALLERS.filter((caller) => documented(operation, caller) === YES)) {
        const { credential } = await newCaller(api, kind);
        const answers = [foreign, unknown].map((target) => callWell(operation, target, credential));
        const [one, other] = (await Promise.all(answers)).map(withoutInstance);
        expect(one, operation.name).toEqual(other);
        expect(one, operation.name).toMatchObject({ status: 404, type: 'urn:arbion:problem:not-found' });
      }
    }
  });
});

/** With a body that can be read, or nobody would look at the id. */
async function callWell(operation: Operation, target: string, credential: Call): Promise<Answer> {
  const body = operation.hasBody ? { body: { stopPrice: '1' } } : {};
  return api.call(operation.method, target, { ...credential, ...body });
}

function withoutInstance({ status, json: { instance: _, ...body } }: Answer) {
  return { ...body, status };
}

function tableOf(rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const names = ['', ...CALLERS.map(({ name }) => name), "user, another's id"];
  return `# Who may call what

Written by \`tests/api/authorization.services.test.ts\`, which makes each of these calls. ✓ is let in; *403 scope*: the token was not
given the scope; *403 password*: the password must be given again first; *403*: not for this caller. A route with an id
answers 404 to everybody but the owner of what the id names, as if there were none. Temporal's console, \`/temporal/\`, is
no operation of the API: it is for admins and superadmins with a session.

${[line(names), line(names.map(() => '---')), ...rows.map(line)].join('\n')}
`;
}
