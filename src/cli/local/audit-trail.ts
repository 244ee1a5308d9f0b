/** `arbion audit-trail` reads the database itself: the API could hide what was changed. */
import { loadConfig } from '../../platform/config.js';
import { settingsFromHome } from '../../platform/home.js';
import { type AuditHead, type AuditVerdict, verifyAuditChain } from '../../storage/audit-chain.js';
import { createDatabase } from '../../storage/database.js';

/** Follows the whole chain of hashes; `kept` is a head that it must contain. */
export async function verifyAuditTrail(env: NodeJS.ProcessEnv, kept: AuditHead | undefined): Promise<AuditVerdict> {
  const { databaseUrl } = loadConfig(settingsFromHome(env), ['databaseUrl']);
  const database = createDatabase(databaseUrl);
  try {
    return await verifyAuditChain(database.prisma, kept);
  } finally {
    await database.close();
  }
}
