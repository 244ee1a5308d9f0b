import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorizationHeader, type RequestToSign } from '../../src/wire/oauth1-signature.js';

function fieldsOf(header: string): Map<string, string> {
  const fields = [...header.matchAll(/(\w+)="([^"]*)"/g)];
  return new Map(fields.map(([, name = '', value = '']) => [name, decodeURIComponent(value)]));
}

const signatureOf = (request: RequestToSign) => fieldsOf(authorizationHeader(request)).get('oauth_signature');

const photos = {
  method: 'GET',
  url: 'http://photos.example.net/photos?file=vacation.jpg&size=original',
  consumerKey: 'dpf43f3p2l4k3l03',
  consumerSecret: 'kd94hf93k423kf44',
  token: 'nnch734d00sl2jdk',
  tokenSecret: 'pfkkdhi9sl3r4s00',
};
const demo = { method: 'GET', consumerKey: 'demoConsumerKey', consumerSecret: 'demoConsumerSecret' };
const access = { ...demo, token: 'demo/Access+Token=', tokenSecret: 'demo/Access+Secret=' };
const stress = {
  method: 'post',
  url: 'HTTP://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
  parameters: [
    ['c2', ''],
    ['a3', '2 q'],
  ] as const,
  ...{ consumerKey: '9djdj82h48djs9d2', consumerSecret: 'j49sk3j29djd' },
  ...{ token: 'kkk9d7dh3k39sjv7', tokenSecret: 'dh893hdasih9' },
  ...{ timestamp: 137131201, nonce: '7d8f3e4a' },
};
const documentSample = {
  ...{ method: 'GET', url: 'https://etws.etrade.com/accounts/rest/accountlist' },
  ...{ consumerKey: 'c5bb4dcb7bd6826c7c4340df3f791188', consumerSecret: '7d30246211192cda43ede3abd9b393b9' },
  token: 'VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=',
  tokenSecret: 'XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=',
  ...{ timestamp: 1344885636, nonce: '0bba225a40d1bbac2430aa0c6163ce44' },
};

/** What each request is signed with; all verified by computation elsewhere. */
const VECTORS: [string, RequestToSign, string][] = [
  ['RFC 5849 §1.2', { ...photos, timestamp: 137131202, nonce: 'chapoH' }, 'MdpQcU8iPSUjWoN/UDMsK2sui9I='],
  [
    'OAuth Core 1.0, which signs a version too',
    { ...photos, timestamp: 1191242096, nonce: 'kllo9940pd9333jh', parameters: [['oauth_version', '1.0']] },
    'tR3+Ty81lMeYAr/Fid0kMTYa/WM=',
  ],
  ['RFC 5849 §3.4.1.1', stress, 'r6/TJjbCOr97/+UU0NsvSne7s5g='],
  ["E*TRADE's documentation", documentSample, '/Xiv96DzZabnUG2bzPZIH2RARHM='],
  [
    'a request token',
    {
      ...demo,
      url: 'https://api.etrade.com/oauth/request_token',
      callback: 'oob',
      timestamp: 1760000000,
      nonce: 'nonce0001',
    },
    'ApLY0ta8x3ISaiZiOhfzwycfTB4=',
  ],
  [
    'an access token',
    {
      ...demo,
      url: 'https://api.etrade.com/oauth/access_token',
      ...{ token: 'demo/Request+Token=', tokenSecret: 'demo/Request+Secret=', verifier: 'WXYZ5' },
      ...{ timestamp: 1760000060, nonce: 'nonce0002' },
    },
    'weMJeCy1mEAEB+KxD7ZrDvSFACY=',
  ],
  [
    'a list of orders',
    {
      ...access,
      url: 'https://api.etrade.com/v1/accounts/acctKeyDemo1/orders.json?status=OPEN&count=25&symbol=BRK.B,AAPL',
      ...{ timestamp: 1760000120, nonce: 'nonce0003' },
    },
    'XvQyrt6OJZjFUV3HJzEkv+ECH5s=',
  ],
  [
    'a preview, without its body',
    {
      ...access,
      ...{ method: 'POST', url: 'https://api.etrade.com/v1/accounts/acctKeyDemo1/orders/preview.json' },
      ...{ timestamp: 1760000180, nonce: 'nonce0004' },
    },
    'wtG69WC8YHwoCPrAeUbDBHHcdqw=',
  ],
  [
    'a port, and a comma in the path',
    {
      ...access,
      url: 'http://127.0.0.1:4010/v1/market/quote/AAPL,MSFT.json?detailFlag=ALL',
      ...{ timestamp: 1760000240, nonce: 'nonce0005' },
    },
    '+ori8hXV46PFCHYwrjEUVvWeFd8=',
  ],
  [
    'an escape in the path',
    {
      ...access,
      url: 'http://127.0.0.1:4010/v1/market/quote/AAPL%2CMSFT.json?detailFlag=ALL',
      ...{ timestamp: 1760000240, nonce: 'nonce0005' },
    },
    'diSfuEzaV0zRwU83Uf/x4QBQ3aU=',
  ],
];

describe('an OAuth 1.0a signature', () => {
  it.each(VECTORS)('of %s', (_name, request, expected) => {
    expect(signatureOf(request)).toBe(expected);
  });

  it('goes into a header with all that it covers, encoded', () => {
    const request = {
      ...access,
      url: 'https://api.etrade.com/v1/accounts/list.json',
      timestamp: 1760000000,
      nonce: 'n',
    };
    expect(authorizationHeader(request)).toMatch(
      /^OAuth realm="",oauth_consumer_key="demoConsumerKey",oauth_nonce="n",oauth_signature_method="HMAC-SHA1",oauth_timestamp="1760000000",oauth_token="demo%2FAccess%2BToken%3D",oauth_signature="[\w%]+"$/,
    );
  });

  it('is another one each time', () => {
    const request = { ...access, url: 'https://api.etrade.com/v1/accounts/list.json' };
    const nonces = [1, 2, 3].map(() => fieldsOf(authorizationHeader(request)).get('oauth_nonce'));
    expect(new Set(nonces).size).toBe(3);
  });

  it('depends on every part of the request, and on no order of the parameters', () => {
    const names = fc.array(fc.tuple(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 })), { maxLength: 5 });
    fc.assert(
      fc.property(names, fc.string(), fc.string(), (parameters, nonce, more) => {
        const request = { ...access, url: 'https://a.example/b', parameters, nonce, timestamp: 1 };
        const signature = signatureOf(request);
        expect(signatureOf({ ...request, parameters: parameters.toReversed() })).toBe(signature);
        expect(signatureOf({ ...request, method: 'PUT' })).not.toBe(signature);
        expect(signatureOf({ ...request, nonce: `${nonce}.${more}` })).not.toBe(signature);
        expect(signatureOf({ ...request, parameters: [...parameters, ['x', more]] })).not.toBe(signature);
      }),
    );
  });
});
