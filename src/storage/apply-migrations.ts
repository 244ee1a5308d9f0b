/** `npm run migrate`: brings the database up to this checkout's schema, as the owner of its tables. */

import { loadConfig } from '../platform/config.js';
import { settingsFromHome } from '../platform/home.js';
import { applyMigrations } from './migrate.js';

const env = settingsFromHome(process.env);
const { databaseMigrateUrl } = loadConfig(
  { ...env, DATABASE_MIGRATE_URL: env.DATABASE_MIGRATE_URL || env.DATABASE_URL },
  ['databaseMigrateUrl'],
);
const applied = await applyMigrations(databaseMigrateUrl);
process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n`);
