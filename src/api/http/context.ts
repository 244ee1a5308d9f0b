import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Caller } from '../../auth/caller.js';
import type { Webhook } from '../../auth/webhooks.js';
import type { Logger } from '../../platform/logger.js';

/** What a request carries from one middleware to the next. */
export interface AppEnv {
  /** absent when a test calls the app without a server */
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    logger: Logger;
    clientAddress: string;
    /** absent for an anonymous request */
    caller?: Caller | undefined;
    /** why there is no caller although the request brought a credential */
    refusedCredential?: 'unauthenticated' | 'session-expired' | undefined;
    /** the one that a signal has proven to be of; only where signals are taken */
    webhook?: Webhook;
  };
}

/** A part of the API that routes are added to. */
export type Routes = OpenAPIHono<AppEnv>;
