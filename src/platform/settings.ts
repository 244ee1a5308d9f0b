/** The forms that single settings take: text from the environment in, a checked value out. No message quotes a value. */

import { readFileSync, statSync } from 'node:fs';
import { parse as parsePostgresUrl } from 'pg-connection-string';
import { z } from 'zod';
import { parseDurationMs } from './duration.js';
import { isTypedKey, isTypedText } from './weak-secrets.js';

/** One 32-byte key of the ENCRYPTION_KEY ring. */
export interface EncryptionKey {
  id: string;
  key: Buffer;
}

/** Where quotes come from. `speed` is market seconds per second; 0 stands still and is moved manually. */
export type MarketDataSource =
  | { kind: 'synthetic' }
  | { kind: 'replay'; directory: string; speed: number }
  | { kind: 'coinbase' };

export function wholeNumber({ from, to = Number.MAX_SAFE_INTEGER }: { from: number; to?: number }) {
  const range = to === Number.MAX_SAFE_INTEGER ? `of at least ${from}` : `from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number ${range}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number ${range}`);
}

export function durationMs({ fromMs, toMs }: { fromMs: number; toMs: number }) {
  return z.string().transform((text, context) => {
    const value = parseDurationMs(text);
    if (value !== undefined && value >= fromMs && value <= toMs) return value;
    return refuse(context, `must be a duration such as 60s or 5m, from ${fromMs / 1000}s to ${toMs / 1000}s`);
  });
}

export const booleanText = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');

export const decimalText = z.string().regex(/^\d{1,12}(\.\d{1,8})?$/, 'must be a decimal number of dollars');

export const percentText = z.string().regex(/^(?:\d{1,2}(?:\.\d{1,8})?|100)$/, 'must be a percentage from 0 to 100');

/** An origin such as https://arbion.example, without path or trailing slash. */
export const httpOrigin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url?.pathname === '/' && !url.search && !url.hash && !url.username;
  if (url && isOrigin && /^https?:$/.test(url.protocol)) return url.origin;
  return refuse(context, 'must be an origin such as https://arbion.example, without a path');
});

/** The address that paths are put behind, such as https://api.example or http://127.0.0.1:8100/prefix. */
export const httpBase = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
  if (isBase) return url.href.replace(/\/+$/, '');
  return refuse(context, 'must be an address such as https://api.example, without query');
});

export const hostList = z.string().transform((text) =>
  text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== ''),
);

export const readableFile = z.string().transform((path, context) => {
  try {
    return readFileSync(path);
  } catch {
    return refuse(context, 'must name a file that this process can read');
  }
});

/** An address as the Postgres driver reads it. */
export const postgresUrl = z.string().refine(isPostgresUrl, {
  error: 'must be postgresql://user:password@host:port/database, and certificates that it names must be readable',
});

function isPostgresUrl(text: string): boolean {
  try {
    return /^postgres(ql)?:\/\//.test(text) && Boolean(parsePostgresUrl(text).host);
  } catch {
    return false;
  }
}

/** A secret of at least 32 bytes that looks random: neither typed nor copied from an example. */
export const secretText = z.string().refine((text) => Buffer.byteLength(text) >= 32 && !isTypedText(text), {
  error: 'must be at least 32 random bytes: create one with `openssl rand -base64 48`',
});

export const superadminPassword = z.string().refine((text) => [...text].length >= 15 && new Set(text).size >= 5, {
  error: 'is too weak: use at least 15 characters, preferably random',
});

const ringHelp = 'create a key with `openssl rand -base64 32` and set id:key, the newest first, comma-separated';

/** `id2:base64,id1:base64`: the first key encrypts, the others still decrypt. */
export const encryptionKeyRing = z.string().transform((text, context) => {
  const keys: EncryptionKey[] = [];
  for (const part of text.split(',')) {
    const key = parseEncryptionKey(part.trim());
    if (typeof key === 'string') return refuse(context, `${key}: ${ringHelp}`);
    if (keys.some(({ id }) => id === key.id)) return refuse(context, `names a key id twice: ${ringHelp}`);
    keys.push(key);
  }
  return keys;
});

/** The key, or what is wrong with it. */
function parseEncryptionKey(text: string): EncryptionKey | string {
  const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (!match) return 'is not of the form id:base64';
  const [, id = '', encoded = ''] = match;
  const key = Buffer.from(encoded, 'base64');
  if (key.length !== 32 || key.toString('base64') !== encoded) return 'holds a key that is not 32 bytes in base64';
  if (isTypedKey(key)) return 'holds a key that is not random';
  return { id, key };
}

export const marketDataSource = z.string().transform((text, context): MarketDataSource => {
  if (text === 'synthetic' || text === 'coinbase') return { kind: text };
  const match = /^replay:(.+?)(?:@(\d+(?:\.\d+)?))?$/.exec(text);
  if (!match) return refuse(context, 'must be synthetic, coinbase, or replay:DIRECTORY with an optional @SPEED');
  const [, directory = '', speed = '1'] = match;
  if (!isDirectory(directory)) return refuse(context, 'must name an existing directory after replay:');
  return { kind: 'replay', directory, speed: Number(speed) };
});

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
