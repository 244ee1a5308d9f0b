/** Answers that are changed on their way, in the broker's own form. */
import type { Broker } from '../../src/broker-port/broker.js';
import type { Body } from '../simulator/simulator-fixture.js';
import type { Bench } from './bench.js';
import { changed, type Part, type Sides } from './forms/wire-forms.js';
import type { ProxiedAnswer } from './rewriting-proxy.js';

/** What is not JSON stays as it is. */
function inJson(answer: ProxiedAnswer, change: (body: Body) => Body): ProxiedAnswer {
  try {
    return { ...answer, text: JSON.stringify(change(JSON.parse(answer.text))) };
  } catch (error) {
    if (error instanceof SyntaxError) return answer;
    throw error;
  }
}

/** One that is shown other rows than there are. */
export function withRows(bench: Bench, part: Part, change: (rows: Body[]) => Body[]): Promise<Broker> {
  const places = bench.venue.forms.places[part];
  return bench.rewriting((answer) => {
    const place = answer.status < 300 && places.find(({ path }) => path.test(answer.path));
    return place ? inJson(answer, (body) => changed(body, place.members, change)) : answer;
  });
}

/** One that is shown every order in another way. */
export function withEachOrder(bench: Bench, orderId: string, change: (row: Body) => Body): Promise<Broker> {
  const { idOf } = bench.venue.forms;
  return withRows(bench, 'orders', (rows) => rows.map((row) => (idOf(row) === orderId ? change(row) : row)));
}

/** One that is quoted these sides. */
export function withQuote(bench: Bench, sides: Sides): Promise<Broker> {
  const isQuote = /quote|snapshots|best_bid_ask|product_book/;
  return bench.rewriting((answer) => {
    return isQuote.test(answer.path) ? inJson(answer, (body) => bench.venue.forms.quoted(body, sides)) : answer;
  });
}

/** One whose amounts of orders and fills are written in another way. */
export function withAmounts(bench: Bench, write: (amount: string) => string): Promise<Broker> {
  const { amounts } = bench.venue.forms;
  const member = new RegExp(`"(${amounts.join('|')})":\\s*"?(\\d+(?:\\.\\d+)?)"?`, 'g');
  const rewrite = (_all: string, name: string, amount: string) => `"${name}":${write(amount)}`;
  return bench.rewriting((answer) => {
    return /orders|FILL$/.test(answer.path) ? { ...answer, text: answer.text.replaceAll(member, rewrite) } : answer;
  });
}

/** One whose times of day are written in another way. */
export function withTimes(bench: Bench, write: (at: Date) => string): Promise<Broker> {
  const instant = /"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:Z|\+0000)"/g;
  return bench.rewriting((answer) => {
    const text = answer.text.replaceAll(instant, (_all, time: string) => `"${write(new Date(`${time}Z`))}"`);
    return { ...answer, text };
  });
}
