import { OpenAPIHono } from '@hono/zod-openapi';
import { brokerLoginRoutes } from './brokers/broker-logins.routes.js';
import { brokerRoutes } from './brokers/brokers.routes.js';
import { CALLBACK_PATH, callbackPage } from './brokers/callback-page.js';
import type { ApiDependencies } from './dependencies.js';
import { duties } from './http/access.js';
import { authenticate } from './http/authenticate.js';
import { configuredOrigin } from './http/configured-origin.js';
import type { AppEnv } from './http/context.js';
import { csrfGuard } from './http/csrf.js';
import { createNotFound } from './http/method-not-allowed.js';
import { openApiDocument, registerComponents } from './http/openapi-document.js';
import { answerError, answerInvalid } from './http/problems.js';
import { rateLimit } from './http/rate-limit.js';
import { recordDenials } from './http/record-denials.js';
import { requestContext } from './http/request-context.js';
import { securityHeaders } from './http/security-headers.js';
import { adminRegistrationRoutes } from './identity/admin-registrations.routes.js';
import { adminUserRoutes } from './identity/admin-users.routes.js';
import { linkPageRoutes } from './identity/link-pages.routes.js';
import { passwordResetRoutes } from './identity/password-reset.routes.js';
import { registrationRoutes } from './identity/registration.routes.js';
import { secondFactorRoutes } from './identity/second-factor.routes.js';
import { sessionRoutes } from './identity/sessions.routes.js';
import { authRoutes } from './identity/sign-in.routes.js';
import { tokenRoutes } from './identity/tokens.routes.js';
import { alertRoutes } from './operations/alerts.routes.js';
import { codecRoutes } from './operations/codec.routes.js';
import { docsRoutes } from './operations/docs.routes.js';
import { healthRoutes } from './operations/health.routes.js';
import { createMetrics } from './operations/metrics.js';
import { temporalConsoleRoutes } from './operations/temporal-console.routes.js';
import { portfolioRoutes } from './portfolio/portfolio.routes.js';
import { marketRoutes } from './portfolio/quotes.routes.js';
import { riskRoutes } from './risk/risk.routes.js';
import { previewRoutes } from './trades/preview.routes.js';
import { startTicketRoutes } from './trades/start-tickets.routes.js';
import { streamRoutes } from './trades/stream.routes.js';
import { tradeCommandRoutes } from './trades/trade-commands.routes.js';
import { tradeRoutes } from './trades/trades.routes.js';
import { signalRoutes } from './webhooks/signals.routes.js';
import { webhookRoutes } from './webhooks/webhooks.routes.js';

/** The whole HTTP surface, in the order in which a request passes through it. */
export function createApp(dependencies: ApiDependencies): OpenAPIHono<AppEnv> {
  const { settings, sessions, tokens, rateLimiter, logger, health } = dependencies;
  const metrics = createMetrics();
  const app = new OpenAPIHono<AppEnv>({ defaultHook: answerInvalid });

  app.use(requestContext(logger, settings.trustedHops));
  app.use(securityHeaders(settings.publicUrl));
  app.use(metrics.measure);

  app.route('/', healthRoutes({ check: health, metrics, ...settings }));
  app.use(configuredOrigin(settings.publicUrl));
  app.use(recordDenials(dependencies));
  app.route('/', docsRoutes());
  app.route('/', linkPageRoutes());
  app.get('/', (context) => context.redirect('/docs'));
  registerComponents(app, sessions.cookieName);
  app.get('/openapi.json', (context) => context.json(openApiDocument(app, settings.publicUrl)));

  // Before authentication and rate limits: a signal authenticates itself and has the limit of its webhook.
  app.route('/api/v1', signalRoutes(dependencies));

  app.use(CALLBACK_PATH, callbackPage);
  app.use(authenticate(sessions, tokens));
  app.use(rateLimit(rateLimiter, settings.rateLimits));

  app.use(csrfGuard(settings.publicUrl));
  app.use(duties);

  app.route('/codec', codecRoutes(dependencies));
  app.get('/temporal', (context) => context.redirect('/temporal/'));
  app.route('/temporal', temporalConsoleRoutes(dependencies));
  app.route('/api/v1', registrationRoutes(dependencies));
  app.route('/api/v1', authRoutes(dependencies));
  app.route('/api/v1', passwordResetRoutes(dependencies));
  app.route('/api/v1', sessionRoutes(dependencies));
  app.route('/api/v1', secondFactorRoutes(dependencies));
  app.route('/api/v1', tokenRoutes(dependencies));
  app.route('/api/v1', webhookRoutes(dependencies));
  app.route('/api/v1', tradeRoutes(dependencies));
  app.route('/api/v1', previewRoutes(dependencies));
  app.route('/api/v1', tradeCommandRoutes(dependencies));
  app.route('/api/v1', startTicketRoutes(dependencies));
  app.route('/api/v1', marketRoutes(dependencies));
  app.route('/api/v1', portfolioRoutes(dependencies));
  app.route('/api/v1', riskRoutes(dependencies));
  app.route('/api/v1', brokerRoutes(dependencies));
  app.route('/api/v1', brokerLoginRoutes(dependencies));
  app.route('/api/v1', alertRoutes(dependencies));
  app.route('/api/v1', streamRoutes(dependencies));
  app.route('/api/v1', adminUserRoutes(dependencies));
  app.route('/api/v1', adminRegistrationRoutes(dependencies));

  app.notFound(createNotFound(app.routes));
  app.onError(answerError);
  return app;
}
