/** The query of an order list (docs/brokers/schwab.md, section 5.1): both times are required. */
import { readQueryTime } from './answers.js';
import { SCHWAB_STATUSES, type SchwabStatus } from './statuses.js';

export interface ListQuery {
  from: number;
  to: number;
  status: SchwabStatus | undefined;
  maxResults: number;
}

const MOST_RESULTS = 3_000;
const YEAR_MS = 366 * 86_400_000;

export function readListQuery(query: URLSearchParams): ListQuery | { problem: string } {
  const times = { fromEnteredTime: query.get('fromEnteredTime'), toEnteredTime: query.get('toEnteredTime') };
  const [from, to] = Object.values(times).map((text) => readQueryTime(text ?? ''));
  for (const [name, text] of Object.entries(times)) {
    if (text === null) return { problem: `${name} is required` };
    if (readQueryTime(text) === undefined) return { problem: `'${text}' is not a valid value for ${name}` };
  }
  if (from === undefined || to === undefined || to - from > YEAR_MS) return { problem: 'The range is over one year' };
  const statusText = query.get('status');
  const status = SCHWAB_STATUSES.find((known) => known === statusText);
  if (statusText !== null && status === undefined)
    return { problem: `'${statusText}' is not a valid value for status` };
  const maxText = query.get('maxResults') ?? String(MOST_RESULTS);
  if (!/^[1-9]\d{0,3}$/.test(maxText)) return { problem: `'${maxText}' is not a valid value for maxResults` };
  return { from, to, status, maxResults: Math.min(Number(maxText), MOST_RESULTS) };
}
