/** docs/reference/alerts.md has every alert that the source raises, with its severity and its place, and no other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VANISHED } from '../../src/domain/trade/attention.js';
import { typeScriptFiles } from './source-files.js';

const PAGE = 'docs/reference/alerts.md';

interface RaisedAlert {
  code: string;
  severities: string;
  file: string;
}

/** Each way to raise an alert: the first group has the severity, where the call gives one; the last group has the code. */
const WAYS: readonly RegExp[] = [
  /\balert\(\s*state,\s*(\d),\s*'(\w+)'/g,
  /\bneedAttention\(\s*state,\s*\{\s*()code: (?:')?(\w+)/g,
  /\balertOf\(\s*prisma,\s*\w+,\s*()'(\w+)'/g,
  /\bseverity: ([^,]+),\s*code: ['`]([^'`]+)['`]/g,
];
const RAISES = /\b(?:alert|needAttention|raiseAlert|raiseAccountAlert(?:ToAll)?|alertOf|alert\.createMany)\(/;
/** They raise what they are given. */
const CARRIERS = new Set([
  'src/domain/trade/attention.ts',
  'src/domain/trade/report.ts',
  'src/storage/account-alerts.ts',
  'src/storage/guarded-trades.ts',
]);

function raisedIn(file: string): RaisedAlert[] {
  const text = readFileSync(file, 'utf8');
  const found = WAYS.flatMap((way) => [...text.matchAll(way)]);
  return found.flatMap(([, severity = '', code = '']) =>
    codesOf(code).map((each) => ({ code: each, severities: digitsOf(severity || '1'), file })),
  );
}

/** A constant or a template stands for the codes that come of it. */
function codesOf(written: string): string[] {
  if (written === 'VANISHED') return [VANISHED];
  if (written.includes('${')) return ['order', 'position'].map((what) => written.replace(/\$\{[^}]*what\}/, what));
  return [written];
}

/** `hoursLeft <= 1 ? 1 : 2` is 1 or 2, and so is `2; 1 in the last hour`. */
function digitsOf(text: string): string {
  return [...new Set(text.match(/[1-3]/g))].sort().join(' ');
}

function listedIn(page: string): RaisedAlert[] {
  const rows = page.matchAll(/^\| (`.+?) \| (.+?) \| .+ \| .+ \| \[[^\]]+\]\(([^)]+)\) \|$/gm);
  return [...rows].flatMap(([, codes = '', severity = '', link = '']) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => ({
      code,
      severities: digitsOf(severity),
      file: join(PAGE, '..', link),
    })),
  );
}

const files = typeScriptFiles('src', 'activities', 'workflows');
const raised = files.flatMap(raisedIn);
const keyOf = ({ code, severities, file }: RaisedAlert) => `${code}, severity ${severities}, ${file}`;

it('every alert is listed with its severity and its place, and no other', () => {
  const listed = listedIn(readFileSync(PAGE, 'utf8')).map(keyOf);
  expect(new Set(listed).size).toBe(listed.length);
  expect(new Set(listed)).toEqual(new Set(raised.map(keyOf)));
});

it('every file that raises an alert is understood', () => {
  const raising = files.filter((file) => RAISES.test(readFileSync(file, 'utf8')) && !CARRIERS.has(file));
  expect(raising.filter((file) => !raised.some((alert) => alert.file === file))).toEqual([]);
});
