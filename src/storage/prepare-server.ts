/** Makes the roles and databases of a server that Arbion shares with Temporal, as docker-compose.yml starts it. */

import { loadConfig } from '../platform/config.js';
import { prepareServer } from './server-roles.js';

const config = loadConfig(process.env, ['databaseMigrateUrl', 'databaseUrl', 'temporalDatabaseUrl']);
await prepareServer({
  ownerUrl: config.databaseMigrateUrl,
  applicationUrl: config.databaseUrl,
  temporalUrl: config.temporalDatabaseUrl,
});
process.stdout.write('The roles of the database server are up to date.\n');
