/**
 * Recognises secrets that were typed, not drawn. What `openssl rand` makes is refused by a chance of less than one in
 * millions; what a person thinks up is guessed by the million a second, however long it is.
 */

/** Words of placeholders that people leave in place of a secret. */
const PLACEHOLDER = /arbion|change|default|example|password|replace|secret|session/i;
const REPEATED = /^(.+)\1+$/;
/** No generator of secrets writes them. */
const SPACE = /\s/;
const FEWEST_CHARACTERS = 8;
/** Of a text, by how often it has each of its characters; 16 random bytes in hexadecimal have 89 at the very least. */
const FEWEST_BITS = 80;

const KEY_ROWS = ['1234567890-=', 'qwertyuiop[]', "asdfghjkl;'", 'zxcvbnm,./'];
const KEY_PLACES = new Map(
  KEY_ROWS.flatMap((row, y) => [...row].map((key, x): [string, readonly [number, number]] => [key, [x, y]])),
);
/** Of the steps from a character to the next. Random text has a fifth. */
const WALKED = 0.7;

const WORD = /[A-Z]?[a-z]{3,}|[A-Z]{4,}/g;
/** The most frequent pairs of letters in English, from Peter Norvig's counts; most are frequent in other languages too. */
const PAIRS = new Set(
  (
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ' +
    'ne ea ra ce li ch ll be ma si om ur'
  ).split(' '),
);
/** Such pairs within words, for each character of the text. 24 random bytes in base64 have a hundredth, and a fifth once in 10^5. */
const FREQUENT = 0.2;

/** Fewer than these different bytes, or steps between them, 32 random bytes do not have. */
const FEWEST_BYTES = 20;
const FEWEST_STEPS = 16;
const CONTROL = /\p{Cc}/u;

/** Whether a secret that is used as the text it is could have been typed. */
export function isTypedText(text: string): boolean {
  return (
    [PLACEHOLDER, REPEATED, SPACE].some((form) => form.test(text)) ||
    new Set(text).size < FEWEST_CHARACTERS ||
    bitsOf(text) < FEWEST_BITS ||
    walkedPart(text.toLowerCase()) >= WALKED ||
    isWords(text)
  );
}

/** Whether a key, or its base64, could have been typed, counted up or copied from an example. */
export function isTypedKey(key: Buffer): boolean {
  const steps = [...key].slice(1).map((byte, index) => (byte - (key[index] ?? 0) + 256) % 256);
  return (
    new Set(key).size < FEWEST_BYTES ||
    new Set(steps).size < FEWEST_STEPS ||
    isReadable(key) ||
    isTypedText(key.toString('base64'))
  );
}

/** Text in UTF-8. Random bytes hold a control character, or are no text at all. */
function isReadable(key: Buffer): boolean {
  const text = key.toString('utf8');
  return !text.includes('\ufffd') && !CONTROL.test(text);
}

/** By Shannon's formula. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits + count * Math.log2(text.length / count), 0);
}

/** The part of the steps that stay on a key, go to one beside it, or to the next letter or digit. */
function walkedPart(text: string): number {
  const steps = [...text].slice(1).map((to, index) => isWalked(text[index] ?? '', to));
  return steps.filter(Boolean).length / steps.length;
}

function isWalked(from: string, to: string): boolean {
  if (Math.abs(from.charCodeAt(0) - to.charCodeAt(0)) <= 1) return true;
  const [place, next] = [KEY_PLACES.get(from), KEY_PLACES.get(to)];
  return (
    place !== undefined && next !== undefined && Math.abs(place[0] - next[0]) <= 1 && Math.abs(place[1] - next[1]) <= 1
  );
}

function isWords(text: string): boolean {
  const words = (text.match(WORD) ?? []).map((word) => word.toLowerCase());
  const pairs = words.flatMap((word) => [...word].slice(1).map((letter, index) => `${word[index]}${letter}`));
  return pairs.filter((pair) => PAIRS.has(pair)).length >= FREQUENT * text.length;
}
