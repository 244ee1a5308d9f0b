/** Texts that repeat something: what makes a reader go back over what it has read. */

/** About so many characters. */
export type Pump = (length: number) => string;

const LETTERS = [
  'a',
  'A',
  '0',
  '1',
  '-',
  '.',
  '_',
  '@',
  '/',
  '+',
  '=',
  ' ',
  '%41',
  'T00',
  ':',
  ';',
  ',',
  '&',
  'a.',
  '-0',
];
/** What cannot stand in the head of a request. */
const OTHERS = ['"', '\\', '\\"', '{', '[', '\u0301', 'é', '\u202e', '\t', '\n', '\u{1f600}'];
const LONGEST_PIECE = 3;

/** Known to have cost others dear: addresses, numbers, dates, base64, marks. */
const KNOWN = ['a', '0', 'a.', 'a@', '-', ' ', 'A=', '0.', '=', ',', ';a=', '%', '%41', '/'];
const KNOWN_IN_BODIES = ['\u0301', '"', '\\', '\t', 'ＡＡ', 'password', 'aA1!', 'qwerty'];

/** The same for the same seed. */
export function pumpsOf(seed: number, random: number, place: 'head' | 'body'): Map<string, Pump> {
  const next = numbersOf(seed);
  const alphabet = place === 'head' ? LETTERS : [...LETTERS, ...OTHERS];
  const known = place === 'head' ? KNOWN : [...KNOWN, ...KNOWN_IN_BODIES];
  const piece = () =>
    Array.from({ length: 1 + (next() % LONGEST_PIECE) }, () => alphabet[next() % alphabet.length] ?? '').join('');
  const drawn = Array.from({ length: random }, () => [piece(), piece(), piece()] as const);
  return new Map(
    [...known.map((unit) => ['', unit, ''] as const), ...known.map((unit) => ['', unit, '!'] as const), ...drawn].map(
      ([head, unit, tail]): [string, Pump] => [
        `${JSON.stringify(head)}+${JSON.stringify(unit)}*n+${JSON.stringify(tail)}`,
        (length) => head + unit.repeat(Math.max(1, Math.floor(length / unit.length))) + tail,
      ],
    ),
  );
}

/** Marsaglia's xorshift: whole numbers from 0. */
function numbersOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
