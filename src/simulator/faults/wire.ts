/** Faults on the HTTP connection itself: no answer, or half of one. */
import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';

export type Env = { Bindings: HttpBindings };

/** The longest time that a connection without an answer is kept open. */
const LONGEST_SILENCE_MS = 120_000;

/** Sends no answer until the client gives up or `silenceMs` have passed, then cuts the connection. */
export async function neverAnswer(context: Context<Env>, silenceMs = LONGEST_SILENCE_MS): Promise<Response> {
  const { outgoing } = context.env;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, silenceMs);
    outgoing.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return cut(outgoing);
}

/** Sends the first half of an answer and cuts the connection. */
export async function answerHalf(context: Context<Env>, answer: Response): Promise<Response> {
  const { outgoing } = context.env;
  const body = Buffer.from(await answer.arrayBuffer());
  const headers = { ...Object.fromEntries(answer.headers), 'content-length': String(body.length + 1) };
  outgoing.writeHead(answer.status, headers);
  await new Promise<void>((resolve) => outgoing.write(body.subarray(0, Math.ceil(body.length / 2)), () => resolve()));
  return cut(outgoing);
}

function cut(outgoing: ServerResponse): Response {
  outgoing.destroy();
  return RESPONSE_ALREADY_SENT;
}
