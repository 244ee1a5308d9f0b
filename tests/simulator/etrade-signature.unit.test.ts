import { describe, expect, it } from 'vitest';
import { readOAuth1Request } from '../../src/simulator/oauth/oauth1-request.js';
import {
  hasSignature,
  normalisedParameters,
  percentEncode,
  type Secrets,
  signatureBase,
  signatureOf,
} from '../../src/simulator/oauth/oauth1-signature.js';

interface Vector {
  name: string;
  method?: string;
  url: string;
  form?: string;
  oauth: Record<string, string>;
  secrets: Secrets;
  signature: string;
}

/** The request with its OAuth parameters in the header, as a client sends it. */
function requestOf({ method = 'GET', url, form, oauth }: Vector, signature: string) {
  const fields = Object.entries({ ...oauth, oauth_signature: signature });
  const header = fields.map(([name, value]) => `${name}="${percentEncode(value)}"`).join(',');
  return readOAuth1Request({ method, url, authorization: `OAuth realm="",${header}`, form });
}

function oauthOf(consumer: string, token: string | undefined, timestamp: string, nonce: string) {
  return {
    oauth_consumer_key: consumer,
    oauth_nonce: nonce,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: timestamp,
    ...(token !== undefined && { oauth_token: token }),
  };
}

const photos = { consumerSecret: 'kd94hf93k423kf44', tokenSecret: 'pfkkdhi9sl3r4s00' };
const demo = { consumerSecret: 'demoConsumerSecret', tokenSecret: 'demo/Access+Secret=' };
const demoAccess = (timestamp: string, nonce: string) =>
  oauthOf('demoConsumerKey', 'demo/Access+Token=', timestamp, nonce);

const vectors: Vector[] = [
  {
    name: 'the photo of RFC 5849 section 1.2',
    url: 'http://photos.example.net/photos?file=vacation.jpg&size=original',
    oauth: oauthOf('dpf43f3p2l4k3l03', 'nnch734d00sl2jdk', '137131202', 'chapoH'),
    secrets: photos,
    signature: 'MdpQcU8iPSUjWoN/UDMsK2sui9I=',
  },
  {
    name: 'the appendix of OAuth Core 1.0',
    url: 'http://photos.example.net/photos?file=vacation.jpg&size=original',
    oauth: {
      ...oauthOf('dpf43f3p2l4k3l03', 'nnch734d00sl2jdk', '1191242096', 'kllo9940pd9333jh'),
      oauth_version: '1.0',
    },
    secrets: photos,
    signature: 'tR3+Ty81lMeYAr/Fid0kMTYa/WM=',
  },
  {
    name: 'the encodings of RFC 5849 section 3.4.1.1, with a form body',
    method: 'POST',
    url: 'http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
    form: 'c2&a3=2+q',
    oauth: oauthOf('9djdj82h48djs9d2', 'kkk9d7dh3k39sjv7', '137131201', '7d8f3e4a'),
    secrets: { consumerSecret: 'j49sk3j29djd', tokenSecret: 'dh893hdasih9' },
    signature: 'r6/TJjbCOr97/+UU0NsvSne7s5g=',
  },
  {
    name: "E*TRADE's own sample",
    url: 'https://etws.etrade.com/accounts/rest/accountlist',
    oauth: oauthOf(
      'c5bb4dcb7bd6826c7c4340df3f791188',
      'VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=',
      '1344885636',
      '0bba225a40d1bbac2430aa0c6163ce44',
    ),
    secrets: {
      consumerSecret: '7d30246211192cda43ede3abd9b393b9',
      tokenSecret: 'XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=',
    },
    signature: '/Xiv96DzZabnUG2bzPZIH2RARHM=',
  },
  {
    name: 'a request token, which has no token yet',
    url: 'https://api.etrade.com/oauth/request_token',
    oauth: { ...oauthOf('demoConsumerKey', undefined, '1760000000', 'nonce0001'), oauth_callback: 'oob' },
    secrets: { consumerSecret: 'demoConsumerSecret', tokenSecret: '' },
    signature: 'ApLY0ta8x3ISaiZiOhfzwycfTB4=',
  },
  {
    name: 'an access token, with a verifier',
    url: 'https://api.etrade.com/oauth/access_token',
    oauth: {
      ...oauthOf('demoConsumerKey', 'demo/Request+Token=', '1760000060', 'nonce0002'),
      oauth_verifier: 'WXYZ5',
    },
    secrets: { consumerSecret: 'demoConsumerSecret', tokenSecret: 'demo/Request+Secret=' },
    signature: 'weMJeCy1mEAEB+KxD7ZrDvSFACY=',
  },
  {
    name: 'a list of orders, with a comma in the query',
    url: 'https://api.etrade.com/v1/accounts/acctKeyDemo1/orders.json?status=OPEN&count=25&symbol=BRK.B,AAPL',
    oauth: demoAccess('1760000120', 'nonce0003'),
    secrets: demo,
    signature: 'XvQyrt6OJZjFUV3HJzEkv+ECH5s=',
  },
  {
    name: 'a preview, whose body is not signed',
    method: 'POST',
    url: 'https://api.etrade.com/v1/accounts/acctKeyDemo1/orders/preview.json',
    oauth: demoAccess('1760000180', 'nonce0004'),
    secrets: demo,
    signature: 'wtG69WC8YHwoCPrAeUbDBHHcdqw=',
  },
  {
    name: 'a port and a literal comma in the path',
    url: 'http://127.0.0.1:4010/v1/market/quote/AAPL,MSFT.json?detailFlag=ALL',
    oauth: demoAccess('1760000240', 'nonce0005'),
    secrets: demo,
    signature: '+ori8hXV46PFCHYwrjEUVvWeFd8=',
  },
  {
    name: 'a port and an escaped comma in the path',
    url: 'http://127.0.0.1:4010/v1/market/quote/AAPL%2CMSFT.json?detailFlag=ALL',
    oauth: demoAccess('1760000240', 'nonce0005'),
    secrets: demo,
    signature: 'diSfuEzaV0zRwU83Uf/x4QBQ3aU=',
  },
];

describe('OAuth 1.0a signatures', () => {
  it.each(vectors)('of $name', (vector) => {
    const request = requestOf(vector, vector.signature);
    if (!request) throw new Error('the request was not read');
    expect(signatureOf(request.message, vector.secrets)).toBe(vector.signature);
    expect(hasSignature(request.message, request.signature, vector.secrets)).toBe(true);
    expect(hasSignature(request.message, request.signature, { ...vector.secrets, consumerSecret: 'x' })).toBe(false);
  });

  it('T25 have the base string that RFC 5849 prints', () => {
    const [photo] = vectors;
    const request = photo && requestOf(photo, 'x');
    expect(request && signatureBase(request.message)).toBe(
      'GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3DchapoH%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131202%26oauth_token%3Dnnch734d00sl2jdk%26size%3Doriginal',
    );
  });

  it('normalise names and values that sort differently once they are encoded', () => {
    const stressed = vectors[2];
    const request = stressed && requestOf(stressed, 'x');
    expect(request && normalisedParameters(request.message.parameters)).toBe(
      'a2=r%20b&a3=2%20q&a3=a&b5=%3D%253D&c%40=&c2=&oauth_consumer_key=9djdj82h48djs9d2&oauth_nonce=7d8f3e4a&oauth_signature_method=HMAC-SHA1&oauth_timestamp=137131201&oauth_token=kkk9d7dh3k39sjv7',
    );
  });

  it('encode what JavaScript leaves alone', () => {
    expect(percentEncode("!'()* /+=~-._é")).toBe('%21%27%28%29%2A%20%2F%2B%3D~-._%C3%A9');
  });

  it('ignore the case of the host and a default port, and keep any other', () => {
    const base = (url: string) => signatureBase({ method: 'get', url, parameters: [] });
    expect(base('HTTPS://API.Example.COM:443/A?b=c')).toBe('GET&https%3A%2F%2Fapi.example.com%2FA&');
    expect(base('http://127.0.0.1:8100/etrade/v1')).toBe('GET&http%3A%2F%2F127.0.0.1%3A8100%2Fetrade%2Fv1&');
  });
});

describe('the OAuth parameters of a request', () => {
  const url = 'http://127.0.0.1/oauth/request_token';

  it('are taken from the query and from a form body as from the header', () => {
    const text = 'oauth_consumer_key=k&oauth_signature=s%2B%3D&format=json';
    for (const place of [{ url: `${url}?${text}` }, { form: text }]) {
      const request = readOAuth1Request({ method: 'POST', url, authorization: undefined, form: undefined, ...place });
      expect(request?.signature).toBe('s+=');
      expect(request?.oauth).toEqual(new Map([['oauth_consumer_key', 'k']]));
      expect(request?.message.parameters).toEqual([
        ['oauth_consumer_key', 'k'],
        ['format', 'json'],
      ]);
    }
  });

  it('are refused when one comes twice, or when there is no signature', () => {
    const authorization = 'OAuth oauth_nonce="a",oauth_signature="s"';
    const read = (more: string, header: string | undefined) =>
      readOAuth1Request({ method: 'GET', url: url + more, authorization: header, form: undefined });
    expect(read('', authorization)).toBeDefined();
    expect(read('?oauth_nonce=b', authorization)).toBeUndefined();
    expect(read('', 'OAuth oauth_nonce="a"')).toBeUndefined();
    expect(read('', 'Bearer x')).toBeUndefined();
    expect(read('', undefined)).toBeUndefined();
  });
});
