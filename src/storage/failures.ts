/** SQLSTATE classes and codes, Prisma codes and socket errors that mean "Postgres cannot be asked now". */
const UNAVAILABLE_CODES =
  /^(?:08\d{3}|53\d{3}|57P0[1-5]|P1001|P1002|P1008|P1017|P2024|P2028|ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)$/;
const UNAVAILABLE_TEXTS =
  /timeout exceeded when trying to connect|Connection terminated|Can't reach database server|Client has encountered a connection error/;

/** Whether an error of a query, or one of its causes, says that the database is away rather than that the query is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    if (codesOf(current).some((code) => UNAVAILABLE_CODES.test(code))) return true;
    if (UNAVAILABLE_TEXTS.test(current.message)) return true;
  }
  return false;
}

function codesOf(error: Error): string[] {
  const fields = new Map<string, unknown>(Object.entries(error));
  return ['code', 'errorCode', 'originalCode'].map((name) => String(fields.get(name) ?? ''));
}
