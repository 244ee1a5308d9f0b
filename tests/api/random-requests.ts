/** Requests by chance, from what the document describes and from what breaks HTTP, as bytes on a connection. */
import fc from 'fast-check';
import { tradeBody } from './harness.js';
import type { Operation } from './operations.js';

export interface RawRequest {
  method: string;
  target: string;
  bytes: string;
  /** whether it is one request as HTTP has it, so that it must be answered */
  isWhole: boolean;
}

/** What the requests are made from. */
export interface Material {
  operations: readonly Operation[];
  /** each a header line, or nothing */
  credentials: readonly string[];
}

const HOST = 'localhost:8000';

const nasty = fc.constantFrom(
  ...[
    '',
    ' ',
    '\u0000',
    '%00',
    "'; DROP TABLE users--",
    '../..',
    '$where',
    '{{7*7}}',
    '<script>',
    '\u202eabc',
    '\ud800',
  ],
  ...['1e400', '-0', 'NaN', '9007199254740993', '0x10', '１', 'true', 'null', '[]', '{}', '2026-02-30T00:00:00Z'],
  ...['ＡＡＰＬ', 'a\u0301\u0301\u0301\u0301\u0301\u0301', 'x'.repeat(3_000), '__proto__', 'constructor', 'BTC-USD'],
);
const text = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 20 }), fc.uuid(), fc.integer().map(String));
const value = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }), fc.double(), fc.constantFrom(1e308, -0, true, null));

const key = fc.oneof(fc.constantFrom(...Object.keys(tradeBody()), '__proto__', 'constructor', 'role', 'userId'), text);
const rightTrade = fc.constantFrom(tradeBody(), tradeBody({ symbol: 'BTC-USD', assetClass: 'crypto' }));
const almostTrade = fc.tuple(rightTrade, key, value).map(([trade, name, changed]) => ({ ...trade, [name]: changed }));
const otherBody = fc.constantFrom(
  { engaged: true, flatten: true, scope: 'global' },
  { email: 'a@b.test', password: 'a password of some length' },
  { stopPrice: '1' },
  { name: 'a', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' },
  { payloads: [{ metadata: { encoding: 'AA==' }, data: 'AA==' }] },
);
const json = fc.oneof(
  fc.oneof(rightTrade, almostTrade, otherBody, value).map((body) => JSON.stringify(body)),
  fc.constantFrom('', '{', '{"a":1,"a":2}', '{"__proto__":{"admin":true}}', '\ufeff{}', '{"a":1e400}', 'nul'),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.constant(`{"note":"${'x'.repeat(70_000)}"}`),
);
/** A character for each byte; some are no UTF-8. */
const bytesOfBody = fc.oneof(
  { weight: 9, arbitrary: json.map((body) => Buffer.from(body, 'utf8').toString('latin1')) },
  { weight: 1, arbitrary: fc.constantFrom('{"note":"\xff\xfe"}', '\x1f\x8b\x08\x00\x00', '\xc0\x80') },
);

const contentType = fc.constantFrom(
  ...['Content-Type: application/json', 'Content-Type: application/json; charset=utf-8', 'Content-Type: text/plain'],
  ...['Content-Type: application/json; charset=utf-16', 'Content-Type: \xff', 'Content-Type: multipart/form-data', ''],
);
const oddHeaders = fc.subarray(
  [
    ...[
      'Accept: application/xml',
      'Content-Encoding: gzip',
      'Expect: 100-continue',
      'Range: bytes=0-1',
      'TE: trailers',
    ],
    ...['Idempotency-Key: one', 'Idempotency-Key: \xe9', `Idempotency-Key: ${'k'.repeat(256)}`, 'Idempotency-Key:'],
    ...['Origin: null', 'Origin: http://localhost:8000', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin'],
    ...['X-Forwarded-For: unknown', 'X-HTTP-Method-Override: DELETE', 'Last-Event-ID: -1', 'If-None-Match: *'],
    ...['Cookie: arbion_session=%E0%A4%A', 'Cookie: arbion_session=x; arbion_session=y', 'Cookie: =;;=\xff'],
    ...['Authorization: Bearer', 'Authorization: Basic Og==', `Authorization: Bearer ${'a'.repeat(8_000)}`],
  ],
  { maxLength: 3 },
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(
          'limit',
          'cursor',
          'status',
          'symbol',
          'broker',
          'strategy',
          'symbols',
          'state',
          'token',
          'a[b]',
        ),
        text,
      ),
      { maxLength: 3 },
    )
    .map((pairs) => `?${pairs.map(([name, given]) => `${encodeURIComponent(name)}=${percent(given)}`).join('&')}`),
  fc.constantFrom('?limit=1&limit=2', '?%', '?=', '?limit=%ff', '?symbol=\xff', '??', '?a=b#c'),
);

/** Requests that HTTP allows, of every operation and some that there are not. */
export function wholeRequests({ operations, credentials }: Material): fc.Arbitrary<RawRequest> {
  const operation = fc.constantFrom(...operations.map(({ method, path }) => ({ method, path })));
  const known = fc.tuple(operation, fc.oneof(fc.uuid(), text)).map(([{ method, path }, id]) => ({
    method,
    path: path.replace('{broker}', 'schwab').replace('{id}', percent(id)),
  }));
  const unknown = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PATCH'),
    path: fc.oneof(
      operation.map(({ path }) => path),
      text.map((name) => `/api/v1/${percent(name)}`),
    ),
  });
  return fc
    .tuple(
      fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: unknown }),
      query,
      fc.constantFrom(...credentials),
      contentType,
      oddHeaders,
      bytesOfBody,
    )
    .map(([{ method, path }, search, credential, type, odd, body]) => {
      const lines = [
        `${method} ${path}${search} HTTP/1.1`,
        `Host: ${HOST}`,
        'Connection: close',
        credential,
        type,
        ...odd,
      ];
      const sent = method === 'GET' || method === 'HEAD' ? '' : body;
      const length = `Content-Length: ${sent.length}`;
      const bytes = `${[...lines.filter((line) => line !== ''), length].join('\r\n')}\r\n\r\n${sent}`;
      return { method, target: `${path}${search}`, bytes, isWhole: true };
    });
}

const get = `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
const post = (headers: string, body: string) =>
  `POST /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

const BROKEN_FRAMES: readonly string[] = [
  post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'),
  post('Content-Length: 2\r\nContent-Length: 3', '{}'),
  post('Content-Length: -1', '{}'),
  post('Content-Length: 0x2', '{}'),
  post('Content-Length: 99999999999999999999', '{}'),
  post('Content-Length: 10', '{"a'),
  post('Transfer-Encoding: chunked', 'zz\r\n{}\r\n0\r\n\r\n'),
  post('Transfer-Encoding: chunked', 'fffffffffffffffff\r\n{}'),
  post('Transfer-Encoding: chunked', '2\r\n{}\r\n'),
  post('Transfer-Encoding: chunked', '2;a=b\r\n{}\r\n0\r\nTrailer: x\r\n\r\n'),
  post('Transfer-Encoding: gzip, chunked', '2\r\n{}\r\n0\r\n\r\n'),
  post('Transfer-Encoding: xchunked', '2\r\n{}\r\n0\r\n\r\n'),
  post('Content-Encoding: gzip\r\nContent-Length: 3', '\x1f\x8b\x08'),
  post('Expect: nonsense\r\nContent-Length: 2', '{}'),
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nHost: evil.example\r\n\r\n`,
  'GET /api/v1/trades HTTP/1.1\r\n\r\n',
  ...['a/b', '1.2.3', '0x7f.1', 'a..b', '[::]:99999', ''].map((host) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
  'GET http://evil.example/api/v1/trades HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  `GET http://${HOST}/api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
  `OPTIONS * HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  `GET api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  `GET //api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.0\r\n\r\n`,
  `GET /api/v1/trades HTTP/2.0\r\nHost: ${HOST}\r\n\r\n`,
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /api/v1/trades\r\n\r\n',
  `get /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\nHost: ${HOST}\n\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost : ${HOST}\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nX: a\r\n b\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nX: a\x00b\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nno colon\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nX: ${'x'.repeat(17 * 1024)}\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\n${'X: y\r\n'.repeat(2_500)}\r\n`,
  `GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  `GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  `GET /api/v1/stream HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  `GET /api/v1/trades HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n`,
  'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  `${get}${get}${get}`,
  `${post('Content-Length: 2', '{}')}${get}`,
  `${post('Content-Length: 1', '{}')}${get}`,
  '\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
];

/** Bytes that no HTTP client sends: each known trick as it is, and cut, doubled or with a byte changed. */
export const brokenRequests: fc.Arbitrary<RawRequest> = fc
  .tuple(
    fc.constantFrom(...BROKEN_FRAMES, get, post('Content-Length: 2', '{}')),
    fc.constantFrom('as it is', 'cut', 'changed'),
    fc.nat(),
    fc.integer({ min: 0, max: 255 }),
  )
  .map(([frame, damage, at, byte]) => {
    const place = at % frame.length;
    const changed = frame.slice(0, place) + String.fromCharCode(byte) + frame.slice(place + 1);
    const bytes = { 'as it is': frame, cut: frame.slice(0, place), changed }[damage];
    const [, method = '', target = ''] = /^(\S+) (\S+)/.exec(bytes) ?? [];
    return { method, target, bytes, isWhole: false };
  });

/** As a careless client does it: now and then it forgets. */
function percent(given: string): string {
  const wellFormed = given.replaceAll(/\p{Cs}/gu, '?');
  return wellFormed.length % 7 === 6 ? encodeURI(wellFormed) : encodeURIComponent(wellFormed);
}
