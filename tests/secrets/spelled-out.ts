/** Everything that stands in a value as one text: bytes as they are, as base64, and what the base64 in texts says. */
export function spelledOut(value: unknown): string {
  const texts: string[] = [];
  collect(value, texts);
  return texts.join('\n');
}

/** Shorter ones are words. */
const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

function collect(value: unknown, texts: string[]): void {
  if (typeof value === 'string') {
    texts.push(value);
    for (const [encoded] of value.matchAll(BASE64)) texts.push(Buffer.from(encoded, 'base64').toString('latin1'));
  } else if (value instanceof Uint8Array) {
    collect(Buffer.from(value).toString('latin1'), texts);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      texts.push(key);
      collect(part, texts);
    }
  }
}
