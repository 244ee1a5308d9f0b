/** `npm run migrate`: brings the database up to this checkout's schema, as the owner of its tables. */

import { loadConfig } from '../platform/config.js';
import { ownerSettingsFromHome } from '../platform/home.js';
import { applyMigrations } from './migrate.js';
import { grantToApplication } from './roles.js';

const config = loadConfig(ownerSettingsFromHome(process.env), ['databaseMigrateUrl']);
const { databaseMigrateUrl, databaseUrl } = config;
const applied = await applyMigrations(databaseMigrateUrl);
if (databaseUrl !== undefined) await grantToApplication(databaseMigrateUrl, databaseUrl);
process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n`);
