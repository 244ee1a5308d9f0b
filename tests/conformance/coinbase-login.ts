import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../../src/broker-port/access.js';
import { CLIENT, LOGIN, REDIRECT, type TestSimulator } from '../simulator/simulator-fixture.js';

// RFC 7636 appendix B
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const SCOPES = 'wallet:accounts:read,wallet:buys:create,wallet:orders:read,offline_access';
const SECRETS = { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret };

/** A person's grant at the simulator's Coinbase, whose refresh tokens work once. */
export class CoinbaseLogin implements BrokerAccess {
  private accessToken = '';
  private refreshToken = '';
  private renewing: Promise<void> | undefined;

  private constructor(private readonly simulator: TestSimulator) {}

  static async signIn(simulator: TestSimulator): Promise<CoinbaseLogin> {
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: CLIENT.clientId, redirect_uri: REDIRECT, state: '3f9d1c77a2b0' },
      ...{ scope: SCOPES, code_challenge: CHALLENGE, code_challenge_method: 'S256' },
    });
    const consent = { form: { ...LOGIN, decision: 'allow' } };
    const redirect = await simulator.call('POST', `/coinbase/oauth2/auth?${query}`, consent);
    const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const login = new CoinbaseLogin(simulator);
    await login.token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: VERIFIER });
    return login;
  }

  async open(): Promise<BrokerAccount> {
    return { key: '', credential: { kind: 'bearer', accessToken: this.accessToken } };
  }

  async renew(_account: string, refused: Credential): Promise<BrokerAccount> {
    const isNewest = refused.kind === 'bearer' && refused.accessToken === this.accessToken;
    if (isNewest) await this.renewedOnce();
    return this.open();
  }

  /** Those who come meanwhile wait for the same renewal. */
  private async renewedOnce(): Promise<void> {
    this.renewing ??= this.token({ grant_type: 'refresh_token', refresh_token: this.refreshToken }).finally(() => {
      this.renewing = undefined;
    });
    await this.renewing;
  }

  private async token(form: Record<string, string>): Promise<void> {
    const answer = await this.simulator.call('POST', '/coinbase/oauth2/token', { form: { ...form, ...SECRETS } });
    if (answer.status !== 200) throw new NotConnected(answer.text);
    this.accessToken = answer.body.access_token;
    this.refreshToken = answer.body.refresh_token;
  }
}
