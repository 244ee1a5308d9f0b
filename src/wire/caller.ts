import { type BrokerAccess, type BrokerAccount, type Credential, NotConnected } from '../broker-port/access.js';
import { BudgetExhausted, type CallPriority, type RequestBudget } from '../broker-port/request-budget.js';
import { type HttpAnswer, type HttpRequest, httpCall, NotSent } from './http.js';

export interface CallerOptions {
  broker: string;
  access: BrokerAccess;
  budget: RequestBudget;
  /** Headers that prove who asks, for exactly this request. */
  sign(
    request: Omit<HttpRequest, 'timeoutMs'>,
    credential: Credential,
  ): Promise<Record<string, string>> | Record<string, string>;
}

export interface BrokerCall extends Omit<HttpRequest, 'url' | 'headers' | 'timeoutMs'> {
  /** made from the broker's own name of the account */
  url(accountKey: string): string;
  headers?: Record<string, string>;
  priority: CallPriority;
}

/** Reads and order writes; a stop's send is cut shorter, so that it can be looked for within its bound. */
const TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 3_000;
/** A call waits so long for its turn in the budget. */
const TURN_MS = 2_000;
/**
 * A write that has not left so long after it was begun was frozen on its way, and somebody else may have taken over: it stays
 * below the shortest absence window.
 */
const SEND_WITHIN_MS = 8_000;
const NEXT_LOGIN_CHECK_MS = 30_000;
const DEFAULT_SLOW_DOWN_MS = 5_000;

/** The call was never made, or was turned away unread. */
export class NotPlaced extends Error {
  override readonly name = 'NotPlaced';

  constructor(
    message: string,
    readonly retryAfterMs: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Makes an adapter's calls: in the account's turn, signed, once more after a 401 with a newer credential. */
export class BrokerCaller {
  constructor(private readonly options: CallerOptions) {}

  /**
   * The broker's answer, whatever its status; a 401 that a newer credential does not cure, and a 429, come back as answers.
   * @throws NotPlaced when nothing was asked; AnswerLost when it is not known what became of it.
   */
  async call(account: string, call: BrokerCall): Promise<HttpAnswer> {
    const { access } = this.options;
    const sendBy = call.method === 'GET' ? Number.POSITIVE_INFINITY : Date.now() + SEND_WITHIN_MS;
    const opened = await connected(() => access.open(account));
    const answer = await this.once(account, opened, call, sendBy);
    if (answer.status !== 401) return answer;
    const renewed = await connected(() => access.renew(account, opened.credential));
    return this.once(account, renewed, call, sendBy);
  }

  private async once(
    account: string,
    { key, credential }: BrokerAccount,
    call: BrokerCall,
    sendBy: number,
  ): Promise<HttpAnswer> {
    const { broker, budget, sign } = this.options;
    const { url, priority, headers = {}, ...rest } = call;
    const kind = call.method === 'GET' ? 'read' : 'write';
    await inTurn(() => budget.take({ broker, account, priority, kind }, TURN_MS));
    const request = { ...rest, url: url(key), headers };
    const signed = { ...headers, ...(await sign(request, credential)) };
    const timeoutMs = priority === 'stop' && kind === 'write' ? STOP_TIMEOUT_MS : TIMEOUT_MS;
    if (Date.now() > sendBy) throw new NotPlaced('the send was held up for too long', undefined);
    const answer = await sent({ ...request, headers: signed, timeoutMs });
    if (answer.status === 429) await budget.slowDown(broker, account, retryAfterMs(answer) ?? DEFAULT_SLOW_DOWN_MS);
    return answer;
  }
}

/** How long the broker asks us to wait, from `Retry-After` in seconds or as a date. */
export function retryAfterMs({ headers }: HttpAnswer): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

async function connected(open: () => Promise<BrokerAccount>): Promise<BrokerAccount> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof NotConnected) throw new NotPlaced(error.message, NEXT_LOGIN_CHECK_MS, { cause: error });
    throw error;
  }
}

async function inTurn(take: () => Promise<void>): Promise<void> {
  try {
    await take();
  } catch (error) {
    if (error instanceof BudgetExhausted) throw new NotPlaced(error.message, error.retryAfterMs, { cause: error });
    throw error;
  }
}

async function sent(request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await httpCall(request);
  } catch (error) {
    if (error instanceof NotSent) throw new NotPlaced(error.message, undefined, { cause: error });
    throw error;
  }
}
