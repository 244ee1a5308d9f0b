import { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiDependencies, AppEnv } from './context.js';
import { createNotFound } from './method-not-allowed.js';
import { createMetrics } from './metrics.js';
import { authenticate } from './middleware/authenticate.js';
import { csrfGuard } from './middleware/csrf.js';
import { duties } from './middleware/duties.js';
import { rateLimit } from './middleware/rate-limit.js';
import { recordDenials } from './middleware/record-denials.js';
import { requestContext } from './middleware/request-context.js';
import { securityHeaders } from './middleware/security-headers.js';
import { consoleCors, consoleGuard } from './middleware/temporal-console.js';
import { openApiDocument, registerComponents } from './openapi-document.js';
import { answerInvalid } from './parse/validation.js';
import { answerError } from './problems.js';
import { adminUserRoutes } from './routes/admin-users.js';
import { alertRoutes } from './routes/alerts.js';
import { authRoutes } from './routes/auth.js';
import { brokerConnectionRoutes } from './routes/broker-connections.js';
import { brokerRoutes } from './routes/brokers.js';
import { codecRoutes } from './routes/codec.js';
import { docsRoutes } from './routes/docs.js';
import { healthRoutes } from './routes/health.js';
import { marketRoutes } from './routes/market.js';
import { passwordResetRoutes } from './routes/password-reset.js';
import { portfolioRoutes } from './routes/portfolio.js';
import { resetPageRoutes } from './routes/reset-page.js';
import { riskRoutes } from './routes/risk.js';
import { secondFactorRoutes } from './routes/second-factor.js';
import { sessionRoutes } from './routes/sessions.js';
import { signalRoutes } from './routes/signals.js';
import { startTicketRoutes } from './routes/start-tickets.js';
import { streamRoutes } from './routes/stream.js';
import { tokenRoutes } from './routes/tokens.js';
import { tradeCommandRoutes } from './routes/trade-commands.js';
import { tradeRoutes } from './routes/trades.js';
import { webhookRoutes } from './routes/webhooks.js';

/** The whole HTTP surface, in the order in which a request passes it. */
export function createApp(dependencies: ApiDependencies): OpenAPIHono<AppEnv> {
  const { settings, sessions, tokens, rateLimiter, logger, health } = dependencies;
  const metrics = createMetrics();
  const app = new OpenAPIHono<AppEnv>({ defaultHook: answerInvalid });

  app.use(requestContext(logger, settings.trustedHops));
  app.use(securityHeaders(settings.publicUrl));
  app.use(metrics.measure);

  app.route('/', healthRoutes({ check: health, metrics, ...settings }));
  app.use(recordDenials(dependencies));
  app.route('/', docsRoutes());
  app.route('/', resetPageRoutes());
  app.get('/', (context) => context.redirect('/docs'));
  registerComponents(app, sessions.cookieName);
  app.get('/openapi.json', (context) => context.json(openApiDocument(app, settings.publicUrl)));

  // Before anybody reads a cookie or counts strangers: a signal proves itself and is counted by its webhook.
  app.route('/api/v1', signalRoutes(dependencies));

  app.use('/codec/*', consoleCors(settings.temporalUiUrl));
  app.use(authenticate(sessions, tokens));
  app.use(rateLimit(rateLimiter, settings.rateLimits));

  app.use('/codec/*', consoleGuard(settings.temporalUiUrl), duties);
  app.route('/codec', codecRoutes(dependencies));

  app.use(csrfGuard(settings.publicUrl));
  app.use(duties);

  app.route('/api/v1', authRoutes(dependencies));
  app.route('/api/v1', passwordResetRoutes(dependencies));
  app.route('/api/v1', sessionRoutes(dependencies));
  app.route('/api/v1', secondFactorRoutes(dependencies));
  app.route('/api/v1', tokenRoutes(dependencies));
  app.route('/api/v1', webhookRoutes(dependencies));
  app.route('/api/v1', tradeRoutes(dependencies));
  app.route('/api/v1', tradeCommandRoutes(dependencies));
  app.route('/api/v1', startTicketRoutes(dependencies));
  app.route('/api/v1', marketRoutes(dependencies));
  app.route('/api/v1', portfolioRoutes(dependencies));
  app.route('/api/v1', riskRoutes(dependencies));
  app.route('/api/v1', brokerRoutes(dependencies));
  app.route('/api/v1', brokerConnectionRoutes(dependencies));
  app.route('/api/v1', alertRoutes(dependencies));
  app.route('/api/v1', streamRoutes(dependencies));
  app.route('/api/v1', adminUserRoutes(dependencies));

  app.notFound(createNotFound(app.routes));
  app.onError(answerError);
  return app;
}
