/** `arbion audit` reads the database itself: what is audited should not answer for itself. */
import { ofAccountsShown } from '../../audit/attribution.js';
import { audit } from '../../audit/audit.js';
import type { BrokerLedger, Finding } from '../../audit/facts.js';
import { loadConfig } from '../../platform/config.js';
import { settingsFromHome } from '../../platform/home.js';
import { auditFacts } from '../../storage/audit-facts.js';
import { createDatabase } from '../../storage/database.js';

/** Everything about which the ledger and the database of DATABASE_URL disagree. */
export async function auditLedger(env: NodeJS.ProcessEnv, ledger: BrokerLedger, broker: string): Promise<Finding[]> {
  const { databaseUrl } = loadConfig(settingsFromHome(env), ['databaseUrl']);
  const database = createDatabase(databaseUrl);
  try {
    return audit(ofAccountsShown({ ...(await auditFacts(database.prisma, broker)), ledger }));
  } finally {
    await database.close();
  }
}
