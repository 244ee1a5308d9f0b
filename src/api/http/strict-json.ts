/**
 * JSON that can be read in one way only. JSON.parse keeps the last of two equal keys and other parsers the first, so a check
 * and an execution could see different orders: such a text is refused.
 *
 * The text is read once, from left to right, and each character is looked at a bounded number of times, whatever it is.
 * So the time is in proportion to the length, and a text that is no JSON is refused at the first character that is wrong.
 */
import { ArbionError } from '../../domain/errors.js';

const MAXIMUM_DEPTH = 32;
/** Many small values cost far more than their bytes, here and in JSON.parse; no request needs nearly as many. */
const MOST_VALUES = 20_000;
/** So many keys are compared one by one; more go into a set. */
const FEW_KEYS = 8;

const SPACE = [0x20, 0x09, 0x0a, 0x0d];
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const FIRST_PRINTABLE = 0x20;
const SINGLE_ESCAPES = '"\\/bfnrt';
const HEX_DIGITS = /^[0-9a-fA-F]{4}$/;
/** Sticky, and at each character at most one way to go on: it cannot go back. */
const PLAIN = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Afterwards JSON.parse takes it for certain. @throws ArbionError `malformed-request` */
export function requireStrictJson(bytes: ArrayBuffer): void {
  new Reading(decodeUtf8(bytes)).document();
}

function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('The request body is not valid UTF-8.');
  }
}

function malformed(detail: string): ArbionError {
  return new ArbionError('malformed-request', detail, 'Send one JSON object in UTF-8.');
}

function notJson(): ArbionError {
  return malformed('The request body is not valid JSON.');
}

class Reading {
  private at = 0;
  private values = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value(0);
    this.next();
    if (this.at !== this.text.length) throw notJson();
  }

  private value(depth: number): void {
    this.values += 1;
    if (this.values > MOST_VALUES) throw malformed(`The request body has more than ${MOST_VALUES} values.`);
    const first = this.next();
    if (first === QUOTE) this.string();
    else if (first === OPEN_OBJECT) this.object(depth + 1);
    else if (first === OPEN_LIST) this.list(depth + 1);
    else this.match(PLAIN);
  }

  private object(depth: number): void {
    this.open(depth);
    const keys = new Keys();
    if (this.closes(CLOSE_OBJECT)) return;
    do {
      if (this.next() !== QUOTE) throw notJson();
      keys.add(this.string());
      if (this.next() !== COLON) throw notJson();
      this.at += 1;
      this.value(depth);
    } while (this.goesOn(CLOSE_OBJECT));
  }

  private list(depth: number): void {
    this.open(depth);
    if (this.closes(CLOSE_LIST)) return;
    do this.value(depth);
    while (this.goesOn(CLOSE_LIST));
  }

  private open(depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw malformed(`The request body is nested more than ${MAXIMUM_DEPTH} levels deep.`);
    this.at += 1;
  }

  private closes(close: number): boolean {
    if (this.next() !== close) return false;
    this.at += 1;
    return true;
  }

  /** Whether a comma follows; otherwise the end must. */
  private goesOn(close: number): boolean {
    if (this.closes(close)) return false;
    if (!this.closes(COMMA)) throw notJson();
    return true;
  }

  /** Passes over a string and answers it as it is written, with its quotes. */
  private string(): string {
    const { text, at: from } = this;
    let at = from + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      // At the end of the text the code is NaN.
      if (!(code >= FIRST_PRINTABLE)) throw notJson();
      at += code === BACKSLASH ? lengthOfEscape(text, at) : 1;
      if (code === QUOTE) break;
    }
    this.at = at;
    return text.slice(from, at);
  }

  private match(form: RegExp): void {
    form.lastIndex = this.at;
    if (!form.test(this.text)) throw notJson();
    this.at = form.lastIndex;
  }

  /** The code of the next character that is no space; NaN at the end. */
  private next(): number {
    let code = this.text.charCodeAt(this.at);
    while (SPACE.includes(code)) {
      this.at += 1;
      code = this.text.charCodeAt(this.at);
    }
    return code;
  }
}

function lengthOfEscape(text: string, at: number): number {
  const kind = text.charAt(at + 1);
  if (kind === 'u' && HEX_DIGITS.test(text.slice(at + 2, at + 6))) return 6;
  if (kind === '' || !SINGLE_ESCAPES.includes(kind)) throw notJson();
  return 2;
}

/** The keys of one object. */
class Keys {
  private readonly few: string[] = [];
  private many: Set<string> | undefined;

  add(written: string): void {
    // "a" is the same key as "\u0061".
    const key: string = written.includes('\\') ? JSON.parse(written) : written.slice(1, -1);
    if (this.has(key)) throw malformed(`The request body has the key ${JSON.stringify(key.slice(0, 50))} twice.`);
    if (this.many === undefined && this.few.length < FEW_KEYS) this.few.push(key);
    else this.keep(key);
  }

  private has(key: string): boolean {
    return this.many?.has(key) ?? this.few.includes(key);
  }

  private keep(key: string): void {
    this.many ??= new Set(this.few);
    this.many.add(key);
  }
}
