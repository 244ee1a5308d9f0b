import { pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';

const secretNames = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'secret',
  'clientSecret',
  'client_secret',
  'sessionSecret',
  'encryptionKey',
  'encryptionKeys',
  'apiKey',
  'metricsToken',
  'ticket',
  'databaseUrl',
  'databaseMigrateUrl',
  'redisUrl',
];
const redactedPaths = secretNames.flatMap((name) => {
  const key = /^\w+$/.test(name) ? name : undefined;
  return key ? [key, `*.${key}`, `*.*.${key}`] : [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`];
});

/**
 * The log of one process: JSON lines, or readable lines on a terminal. What is known as a secret by its name is
 * withheld up to three levels deep, and so are passwords inside connection URLs. That is the second line of
 * defence: don't log secrets.
 */
export function createLogger({ name, level }: { name: string; level: string }) {
  const options = {
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths, censor: '[withheld]' },
    serializers: { error: stdSerializers.err },
    // pino copies an error's message into `msg`, past every serializer: only the finished line shows all of it.
    hooks: { streamWrite: withoutUrlPasswords },
  };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}

function withoutUrlPasswords(text: string): string {
  return text.replace(/:\/\/[^\s/@"]+@/g, '://[withheld]@');
}
