import { z } from 'zod';

const problemShape = z.looseObject({
  type: z.string(),
  detail: z.string(),
  whatToDo: z.string().optional(),
  code: z.string().optional(),
  limit: z.string().optional(),
  value: z.string().optional(),
  attempted: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemShape>;

/** The API answered with an error. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(
    readonly problem: Problem,
    /** of a refusal because of too many requests */
    readonly retryAfterSeconds?: number,
  ) {
    super(problem.detail);
  }
}

/** The API did not answer. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}

export interface ApiCall {
  body?: unknown;
  idempotencyKey?: string;
  /** of a session, for calls that a token may not make */
  cookie?: string;
}

export interface ApiAnswer {
  status: number;
  json: unknown;
  headers: Headers;
}

const TIMEOUT_MS = 30_000;

export class ApiClient {
  constructor(
    readonly url: string,
    private readonly token?: string,
  ) {}

  get(path: string): Promise<ApiAnswer> {
    return this.call('GET', path);
  }

  /** @throws ApiProblem for every answer that is an error, ApiUnreachable when there is none. */
  async call(method: string, path: string, { body, idempotencyKey, cookie }: ApiCall = {}): Promise<ApiAnswer> {
    const headers = new Headers({ accept: 'application/json' });
    if (this.token !== undefined) headers.set('authorization', `Bearer ${this.token}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
    if (cookie !== undefined) {
      headers.set('cookie', cookie);
      // Pages of other sites cannot set this header; browsers set it themselves.
      headers.set('sec-fetch-site', 'same-origin');
    }
    const response = await this.send(path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === '' ? undefined : parseJson(text);
    if (response.ok) return { status: response.status, json, headers: response.headers };
    const wait = response.status === 429 ? Number(response.headers.get('retry-after')) || 1 : undefined;
    throw new ApiProblem(problemOf(json, response.status), wait);
  }

  private async send(path: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}/api/v1${path}`, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      throw new ApiUnreachable(`Arbion does not answer at ${this.url}.`, { cause: error });
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(json: unknown, status: number): Problem {
  const parsed = problemShape.safeParse(json);
  return parsed.success
    ? parsed.data
    : { type: 'about:blank', detail: `Arbion answered with an unexpected status ${status}.` };
}
