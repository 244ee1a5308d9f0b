import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Caller } from '../../auth/caller.js';
import type { Webhook } from '../../auth/webhooks.js';
import type { Logger } from '../../platform/logger.js';

/** What middleware adds to a request. */
export interface AppEnv {
  /** absent when a test calls the app without a server */
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    logger: Logger;
    clientAddress: string;
    /** absent for an anonymous request */
    caller?: Caller | undefined;
    /** why there is no caller although the request has credentials */
    refusedCredential?: 'unauthenticated' | 'session-expired' | undefined;
    /** the webhook of an authenticated signal; only on the route for signals */
    webhook?: Webhook;
    /** the Content-Security-Policy of a page that has one of its own */
    policy?: string;
  };
}

/** A group of routes. */
export type Routes = OpenAPIHono<AppEnv>;
