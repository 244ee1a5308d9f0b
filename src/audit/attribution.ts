/** Assigns the ledger's orders to intents: by our id where the broker stores it, else by the broker's id that we recorded. */

import type { AuditFacts, AuditIntent, BrokerLedger, LedgerOrder } from './facts.js';
import { isOurs } from './ledger.js';

/** The facts with the ledger's orders assigned to intents and its accounts under our names. */
export interface AttributedFacts extends AuditFacts {
  /** orders that belong to an intent, in the ledger's order */
  attributed: AttributedOrder[];
  /** orders in our accounts that belong to no intent */
  unrelated: LedgerOrder[];
}

export interface AttributedOrder {
  order: LedgerOrder;
  intent: AuditIntent;
}

export function attribute(facts: AuditFacts): AttributedFacts {
  const ledger = underOurNames(facts);
  const byId = new Map(facts.intents.map((intent) => [intent.clientOrderId, intent]));
  const byBrokerId = new Map(facts.intents.map((intent) => [keyOf(intent.account, intent.brokerOrderId), intent]));
  const accounts = new Set([...facts.intents, ...facts.trades].map(({ account }) => account));
  const attributed: AttributedOrder[] = [];
  const unrelated: LedgerOrder[] = [];
  for (const order of ledger.orders) {
    const intent = byId.get(order.clientOrderId ?? '') ?? byBrokerId.get(keyOf(order.account, order.orderId));
    if (intent) attributed.push({ order, intent });
    else if (accounts.has(order.account) || isOurs(order)) unrelated.push(order);
  }
  return { ...facts, ledger, attributed, unrelated };
}

/** The facts of the accounts that the ledger covers, which may be those of one user or a single account. */
export function ofAccountsShown(facts: AuditFacts): AuditFacts {
  const { orders, positions } = underOurNames(facts);
  const shown = new Set([...orders, ...positions].map(({ account }) => account));
  const isShown = ({ account }: { account: string }) => shown.has(account);
  return { ...facts, trades: facts.trades.filter(isShown), intents: facts.intents.filter(isShown) };
}

/** Brokers have their own account names: an account is the one of the intents whose orders are in it. */
function underOurNames({ ledger, intents }: AuditFacts): BrokerLedger {
  const ours = new Set(intents.map(({ account }) => account));
  const names = new Map<string, string>();
  for (const account of new Set(ledger.orders.map((order) => order.account))) {
    if (!ours.has(account)) names.set(account, nameOf(account, ledger.orders, intents) ?? account);
  }
  const named = <Item extends { account: string }>(item: Item): Item => {
    return { ...item, account: names.get(item.account) ?? item.account };
  };
  return { orders: ledger.orders.map(named), positions: ledger.positions.map(named) };
}

/** Order ids may repeat between accounts, so the account with the most orders in common is taken. */
function nameOf(account: string, orders: LedgerOrder[], intents: AuditIntent[]): string | undefined {
  const symbols = new Map(
    orders.flatMap((order) => (order.account === account ? [[order.orderId, order.symbol]] : [])),
  );
  const votes = new Map<string, number>();
  for (const { account: name, brokerOrderId, symbol } of intents) {
    if (brokerOrderId !== null && symbols.get(brokerOrderId) === symbol) votes.set(name, (votes.get(name) ?? 0) + 1);
  }
  return [...votes].sort(([, one], [, other]) => other - one)[0]?.[0];
}

function keyOf(account: string, orderId: string | null): string {
  return `${account}\n${orderId}`;
}
