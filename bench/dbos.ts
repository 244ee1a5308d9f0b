/** What somebody would take instead of Temporal: DBOS on the same Postgres, with as many empty steps. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';

const DATABASE = 'dbos';

export async function startDbos(databaseUrl: string) {
  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  await owner.query(`CREATE DATABASE ${DATABASE}`);
  await owner.end();
  const own = new URL(databaseUrl);
  own.pathname = `/${DATABASE}`;
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: own.href, logLevel: 'error', systemDatabasePoolSize: 20 });
  const steps = DBOS.registerWorkflow(
    async (count: number) => {
      for (let step = 0; step < count; step++) await DBOS.runStep(async () => {}, { name: 'nothing' });
    },
    { name: 'steps' },
  );
  await DBOS.launch();
  return { run: (count: number) => steps(count), stop: () => DBOS.shutdown() };
}
