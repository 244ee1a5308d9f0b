import type { Broker } from '../../src/broker-port/broker.js';

/** A broker on the exchange's time, with a shorter absence window. */
export function atExchangeTime(
  broker: Broker,
  { offsetMs, settleWindowMs }: { offsetMs: number; settleWindowMs: number },
): Broker {
  const capabilities = { ...broker.capabilities, settleWindowMs };
  const find: Broker['find'] = (account, request, sentAt, taken) =>
    broker.find(account, request, sentAt + offsetMs, taken);
  return new Proxy(broker, {
    get: (target, name: keyof Broker) => {
      if (name === 'capabilities') return capabilities;
      if (name === 'find') return find;
      const member = target[name];
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
