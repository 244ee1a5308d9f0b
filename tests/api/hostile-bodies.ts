/** Texts of about so many bytes that have cost some reader of JSON far more than their length. */

function repeated(head: string, unit: string, tail: string): (bytes: number) => string {
  return (bytes) =>
    head + unit.repeat(Math.max(1, Math.floor((bytes - head.length - tail.length) / unit.length))) + tail;
}

/** `{"…":0,"…":0}` with another key each time. */
function keyed(width: number, keyOf: (index: number) => string): (bytes: number) => string {
  return (bytes) =>
    `{${Array.from({ length: Math.floor(bytes / width) }, (_, index) => `"${keyOf(index)}":0`).join(',')}}`;
}

function hex(index: number, digits: number): string {
  return index.toString(16).padStart(digits, '0');
}

export const HOSTILE_BODIES: Record<string, (bytes: number) => string> = {
  quotes: repeated('', '"', ''),
  'quotes behind backslashes, never closed': repeated('"', '\\"', ''),
  'quotes behind backslashes, outside of a string': repeated('', '\\"', ''),
  'backslashes, never closed': repeated('"', '\\', ''),
  'a string that never ends': repeated('"', 'x', ''),
  'a long string': repeated('"', 'x', '"'),
  'a string of escapes': repeated('"', '\\u0041', '"'),
  'a string of two bytes a letter': repeated('"', 'é', '"'),
  spaces: repeated('', ' ', ''),
  'spaces before a value': repeated('', ' \n', '0'),
  digits: repeated('', '1', ''),
  'a fraction': repeated('0.', '1', ''),
  'an exponent': repeated('1e', '1', ''),
  'opened lists': repeated('', '[', ''),
  'opened objects': repeated('', '{"a":', ''),
  'empty lists': repeated('[', '[],', '0]'),
  'empty objects': repeated('[', '{},', '0]'),
  'objects of a key': repeated('[', '{"a":0},', '0]'),
  'objects of escaped keys': repeated('[', '{"\\n":0,"\\t":0},', '0]'),
  numbers: repeated('[', '0,', '0]'),
  keys: keyed(13, (index) => hex(index, 6)),
  'keys that are numbers': keyed(13, (index) => String(index * 1_024)),
  'escaped keys': keyed(15, (index) => `\\u${hex(index % 2 ** 16, 4)}${hex(index >> 16, 1)}`),
  'eight long keys': (bytes) =>
    `{${Array.from({ length: 8 }, (_, index) => `"${'x'.repeat(bytes / 8 - 10)}${index}":0`).join(',')}}`,
  'letters of three bytes': (bytes) => '\ufffd'.repeat(bytes / 3),
};
