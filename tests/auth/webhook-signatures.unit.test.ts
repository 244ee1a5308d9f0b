import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { isSigned } from '../../src/auth/webhooks.js';

const NOW_S = 1_614_265_330;

afterEach(() => {
  vi.useRealTimers();
});

const at = (seconds: number) => vi.useFakeTimers({ now: seconds * 1_000, toFake: ['Date'] });

/** As the standard has it, written down once more. */
function signature(key: Buffer, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function proof(id: string, timestamp: number | string, signatures: string, body: string) {
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures };
  return { headers, body: Buffer.from(body) };
}

const secretOf = (key: Buffer) => `whsec_${key.toString('base64')}`;

test("the standard's own example", () => {
  at(NOW_S);
  const signatures = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const sent = proof('msg_p5jXN8AQM9LWM0D4loKWxJek', NOW_S, signatures, '{"test": 2432232314}');
  expect(isSigned(sent, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toBe(true);
  expect(
    isSigned({ ...sent, body: Buffer.from('{"test":2432232314}') }, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
  ).toBe(false);
});

const key = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const id = fc.stringMatching(/^[!-~]{1,64}$/);
const body = fc.json();
const seconds = fc.integer({ min: NOW_S - 300, max: NOW_S + 300 });

test('what was signed with the secret within five minutes is taken, beside signatures with others', () => {
  at(NOW_S);
  fc.assert(
    fc.property(key, id, seconds, body, (secret, message, time, text) => {
      const own = signature(secret, message, time, text);
      const others = [signature(randomBytes(32), message, time, text), 'v1a,aGVsbG8=', 'v1', ''];
      for (const list of [[own], [...others, own], [own, ...others]]) {
        expect(isSigned(proof(message, time, list.join(' '), text), secretOf(secret))).toBe(true);
      }
    }),
  );
});

test('nothing else is taken: not with another id, time, body or secret, and not what is six minutes off', () => {
  at(NOW_S);
  fc.assert(
    fc.property(key, id, seconds, body, fc.nat(), (secret, message, time, text, place) => {
      const own = signature(secret, message, time, text);
      const taken = (sent: ReturnType<typeof proof>, by = secret) => isSigned(sent, secretOf(by));
      expect(taken(proof(`${message}x`, time, own, text))).toBe(false);
      expect(taken(proof(message, time - 1, own, text))).toBe(false);
      expect(taken(proof(message, 'now', own, text))).toBe(false);
      expect(taken(proof(message, time, own, changed(text, place)))).toBe(false);
      expect(taken(proof(message, time, own, text), randomBytes(32))).toBe(false);
      for (const sign of ['', own.slice(3), own.slice(0, -4), own.replace('v1,', 'v2,')]) {
        expect(taken(proof(message, time, sign, text))).toBe(false);
      }
      for (const late of [NOW_S - 360, NOW_S + 360]) {
        expect(taken(proof(message, late, signature(secret, message, late, text), text))).toBe(false);
      }
    }),
  );
});

/** One bit of it another. */
function changed(text: string, place: number): string {
  const index = place % text.length;
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ 1) + text.slice(index + 1);
}
