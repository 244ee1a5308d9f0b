import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { LIVE_BROKERS, type LiveBroker } from '../../domain/broker-login.js';
import { ArbionError, ValidationFailed } from '../../domain/errors.js';
import { canSign } from '../../oauth/signing-keys.js';
import type { AttemptOwner } from '../../storage/oauth-attempts.js';
import type { ApiDependencies } from '../dependencies.js';
import { callerOf } from '../http/access.js';
import type { AppEnv, Routes } from '../http/context.js';
import {
  answer,
  body,
  bodyProblems,
  brokerProblem,
  conflictProblem,
  notFoundProblem,
  readProblems,
  secured,
  securedWithBody,
} from '../http/openapi.js';
import { originOf } from '../http/request-context.js';
import { afterDisconnect, afterLogin, brokerOf, brokerView } from './broker-logins.js';

const tags = ['Brokers'];
const brokerParameter = z.object({ broker: z.enum(LIVE_BROKERS) });
const loginProblems = { ...readProblems, ...notFoundProblem, ...conflictProblem, ...brokerProblem };

const unjudged = z.unknown().optional().openapi({ type: 'string' });

/** Longer than the query of any broker's redirect. */
const LONGEST_ANSWER = 4_096;

export function brokerLoginRoutes(dependencies: ApiDependencies): Routes {
  const routes: Routes = new OpenAPIHono();
  addConnect(routes, dependencies);
  addCallback(routes, dependencies);
  addVerifier(routes, dependencies);
  addKeys(routes, dependencies);
  addDisconnect(routes, dependencies);
  return routes;
}

function addConnect(routes: Routes, { logins }: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/brokers/{broker}/connect',
      tags,
      summary: "Begin a login on the broker's website",
      description:
        'Open authorizationUrl in the same browser within ten minutes. The broker then redirects it to the callback.',
      ...secured('fresh-session'),
      request: { params: brokerParameter },
      responses: {
        200: answer('The address to open in the browser', z.strictObject({ authorizationUrl: z.url() })),
        ...loginProblems,
      },
    }),
    async (context) => {
      const { broker } = context.req.valid('param');
      return context.json({ authorizationUrl: await logins.begin(ownerOf(context, broker)) }, 200);
    },
  );
}

function addCallback(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'get',
      path: '/oauth/{broker}/callback',
      tags,
      summary: 'Complete a login: the broker redirects the browser here',
      ...secured('session'),
      request: {
        params: brokerParameter,
        // Listed for readers of the document. The query is checked as a whole.
        query: z.looseObject({
          state: unjudged,
          code: unjudged,
          error: unjudged,
          oauth_token: unjudged,
          oauth_verifier: unjudged,
        }),
      },
      responses: { 200: answer('The broker, now connected', brokerView), ...loginProblems },
    }),
    async (context) => {
      const { broker } = context.req.valid('param');
      const brokerLogin = await dependencies.logins.finish(ownerOf(context, broker), callbackQuery(context));
      await afterLogin(dependencies, brokerLogin, originOf(context));
      return context.json(await brokerOf(dependencies, brokerLogin.userId, broker), 200);
    },
  );
}

function addVerifier(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'post',
      path: '/brokers/etrade/verifier',
      tags,
      summary: "Complete a login at E*TRADE with the code shown on E*TRADE's page",
      ...securedWithBody('session'),
      request: { body: body(z.strictObject({ verifier: z.string().regex(/^[A-Za-z0-9]{1,64}$/) })) },
      responses: { 200: answer('The broker, now connected', brokerView), ...loginProblems, ...bodyProblems },
    }),
    async (context) => {
      const { verifier } = context.req.valid('json');
      const brokerLogin = await dependencies.logins.finishWithVerifier(ownerOf(context, 'etrade'), verifier);
      await afterLogin(dependencies, brokerLogin, originOf(context));
      return context.json(await brokerOf(dependencies, brokerLogin.userId, 'etrade'), 200);
    },
  );
}

/** Printable, and the line ends of a PEM file. */
const keyText = (longest: number) => z.string().regex(new RegExp(`^[\\x20-\\x7e\\r\\n]{1,${longest}}$`));

function addKeys(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'put',
      path: '/brokers/{broker}/credentials',
      tags,
      summary: 'Connect with API keys created at the broker',
      ...securedWithBody('fresh-session'),
      request: {
        params: brokerParameter,
        body: body(z.strictObject({ keyId: keyText(300), secret: keyText(8_000) })),
      },
      responses: { 200: answer('The broker, now connected', brokerView), ...loginProblems, ...bodyProblems },
    }),
    async (context) => {
      const { broker } = context.req.valid('param');
      const { userId } = callerOf(context);
      const keys = context.req.valid('json');
      if (broker === 'coinbase') assertPrivateKey(keys.secret);
      const brokerLogin = await dependencies.logins.useKeys(userId, broker, keys);
      await afterLogin(dependencies, brokerLogin, originOf(context));
      return context.json(await brokerOf(dependencies, userId, broker), 200);
    },
  );
}

/** @throws ValidationFailed when the key cannot sign requests; the error does not show the key */
function assertPrivateKey(secret: string): void {
  if (!canSign('coinbase', secret)) {
    const message = 'must be the PEM of an EC P-256 key, or the base64 of an Ed25519 key, as Coinbase gave it out';
    throw new ValidationFailed([{ field: '/secret', message }]);
  }
}

function addDisconnect(routes: Routes, dependencies: ApiDependencies): void {
  routes.openapi(
    createRoute({
      method: 'delete',
      path: '/brokers/{broker}',
      tags,
      summary: 'Disconnect: revoke the permission at the broker and delete its credentials',
      ...secured('fresh-session'),
      request: { params: brokerParameter },
      responses: { 204: { description: 'Disconnected' }, ...loginProblems },
    }),
    async (context) => {
      const { broker } = context.req.valid('param');
      const brokerLogin = await dependencies.logins.disconnect(callerOf(context).userId, broker);
      await afterDisconnect(dependencies, brokerLogin, originOf(context));
      return context.body(null, 204);
    },
  );
}

function ownerOf(context: Context<AppEnv>, broker: LiveBroker): AttemptOwner {
  const caller = callerOf(context);
  if (caller.via !== 'session') throw new Error('a route for sessions was called without a session');
  return { userId: caller.userId, sessionId: caller.sessionId, broker };
}

function callbackQuery(context: Context<AppEnv>): URLSearchParams {
  const { search, searchParams } = new URL(context.req.url);
  const names = [...searchParams.keys()];
  if (search.length <= LONGEST_ANSWER && new Set(names).size === names.length) return searchParams;
  throw new ArbionError('malformed-request', 'This is not a valid redirect from a broker.');
}
