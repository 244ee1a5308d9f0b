/** Talking to Postgres such that every failure is one of the broker being out of reach, never a refusal. */
import type { Pool, QueryResultRow } from 'pg';
import { BrokerUnavailable } from '../../broker-port/broker.js';

/** @throws BrokerUnavailable */
export async function query<Row extends QueryResultRow>(
  pool: Pool,
  text: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const statement = parameters.length === 0 ? { text } : { text, values: [...parameters], name: nameOf(text) };
  try {
    return (await pool.query<Row>(statement)).rows;
  } catch (error) {
    throw new BrokerUnavailable('the paper account cannot be reached', { cause: error });
  }
}

/** By its name a connection prepares a text once. They are few, and planning one costs Postgres more than running it. */
const names = new Map<string, string>();

function nameOf(text: string): string {
  const name = names.get(text) ?? `paper_${names.size}`;
  names.set(text, name);
  return name;
}
