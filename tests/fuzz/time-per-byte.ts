/** Looks for input whose time grows faster than its length, on every route, by what the sender of a request can measure. */
import { Agent, request as send } from 'node:http';
import { HOSTILE_BODIES } from '../api/hostile-bodies.js';
import type { LiveApi } from './live-api.js';
import { type OpenApi, type Place, placesOf, type Sent } from './places.js';
import { type Pump, pumpsOf } from './pumps.js';

/** Parts of the most that a place takes: each twice the one before. */
const PARTS = [1 / 8, 1 / 4, 1 / 2, 1];
const TRIES = 5;
const TRIES_TO_BE_SURE = 25;
/** What a request of full length may take longer than one of half of it, whatever it grows like: it harms nobody. */
const HARMLESS_MS = 20;
/** Twice the length takes twice the time, or four times where it is squared. */
const LINEAR = 3;
const ENDLESS = 'GET /api/v1/stream';

export interface Growth {
  route: string;
  where: string;
  text: string;
  bytes: number;
  /** at each of the parts, the shortest of several */
  ms: number[];
}

export interface Search {
  seed: number;
  /** texts by chance for each place, besides those that are known */
  random: number;
}

type Timed = (sent: Sent) => Promise<number>;

/** The slowest growth of every route, the worst first. */
export async function timePerByte(api: LiveApi, { seed, random }: Search): Promise<Growth[]> {
  const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as OpenApi;
  const cookie = `${document.components.securitySchemes.session.name}=${await api.session('admin')}`;
  const agent = new Agent({ keepAlive: true });
  const timed: Timed = (sent) => timeOf(api.url, agent, { origin: api.url, cookie }, sent);
  const worst = new Map<string, Growth>();
  for (const place of placesOf(document)) {
    if (place.route === ENDLESS) continue;
    const growth = await worstOf(place, textsFor(place, seed, random), timed);
    const known = worst.get(place.route);
    if (known === undefined || added(growth) > added(known)) worst.set(place.route, growth);
  }
  agent.destroy();
  return [...worst.values()].sort((one, other) => added(other) - added(one));
}

/** Whether it is faster than in proportion to its length, and enough to harm. */
export function isSuperLinear({ ms }: Growth): boolean {
  const [, quarter = 0, half = 0, whole = 0] = ms;
  return whole - half > HARMLESS_MS && whole - half > LINEAR * Math.max(half - quarter, 1);
}

export function tableOf(growths: readonly Growth[]): string {
  const rows = growths.map(({ route, where, text, bytes, ms }) => {
    const nsPerByte = ms.map((each, index) => Math.round((each * 1e6) / (bytes * (PARTS[index] ?? 1))));
    return `| ${route} | ${where} | ${text.replaceAll('|', '¦')} | ${bytes} | ${ms.map((each) => each.toFixed(1)).join(' ')} | ${nsPerByte.join(' ')} |`;
  });
  return [
    '| route | where | text | bytes | ms at 1/8, 1/4, 1/2, all | ns a byte |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function textsFor({ kind, route, where }: Place, seed: number, random: number): Map<string, Pump> {
  const own = seed ^ hashOf(route + where);
  const pumps = pumpsOf(own, random, kind === 'head' ? 'head' : 'body');
  return kind === 'body' ? new Map([...Object.entries(HOSTILE_BODIES), ...pumps]) : pumps;
}

function hashOf(text: string): number {
  return [...text].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7);
}

/** Each text once, long and short; the one that adds most is measured with care. */
async function worstOf(place: Place, texts: Map<string, Pump>, timed: Timed): Promise<Growth> {
  const ofPart = (pump: Pump, part: number) => place.sent(fitted(pump, place, part));
  let worst: { name: string; pump: Pump; adds: number } | undefined;
  for (const [name, pump] of texts) {
    const adds = (await timed(ofPart(pump, 1))) - (await timed(ofPart(pump, 1 / 8)));
    if (worst === undefined || adds > worst.adds) worst = { name, pump, adds };
  }
  if (worst === undefined) throw new Error(`there is no text for ${place.route}`);
  const { name, pump } = worst;
  const measure = async (tries: number): Promise<Growth> => {
    const ms = PARTS.map(() => Number.POSITIVE_INFINITY);
    for (let count = 0; count < tries; count++) {
      for (const [index, part] of PARTS.entries()) {
        ms[index] = Math.min(ms[index] ?? 0, await timed(ofPart(pump, part)));
      }
    }
    return { route: place.route, where: place.where, text: name, bytes: place.mostBytes, ms };
  };
  const growth = await measure(TRIES);
  return isSuperLinear(growth) ? measure(TRIES_TO_BE_SURE) : growth;
}

/** As long as the place takes: what has to be escaped there counts for more. */
function fitted(pump: Pump, { mostBytes, sent }: Place, part: number): string {
  const wanted = Math.floor(mostBytes * part);
  const sizeOf = (length: number) => {
    const { body, target } = sent(pump(length));
    return body?.length ?? target.length;
  };
  const grows = sizeOf(2_048) / 2_048;
  return pump(Math.max(1, Math.floor((wanted - 200) / Math.max(1, grows))));
}

function added({ ms }: Growth): number {
  return (ms.at(-1) ?? 0) - (ms[0] ?? 0);
}

/** From the first byte that is sent until the answer is read. */
function timeOf(
  url: string,
  agent: Agent,
  own: Record<string, string>,
  { method, target, headers, body }: Sent,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const outgoing = send(url, { agent, method, path: target, headers: { ...own, ...headers } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(performance.now() - startedAt));
      answer.on('error', reject);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // Refused before all of it was sent.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(performance.now() - startedAt);
      else reject(error);
    });
    outgoing.end(body);
  });
}
