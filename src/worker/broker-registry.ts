import type { Broker } from '../broker-port/broker.js';

/** Finds a broker by its name. @throws when there is none: a trade names only brokers that accepted it. */
export function brokerRegistry(brokers: readonly Broker[]): (name: string) => Broker {
  const byName = new Map(brokers.map((broker) => [broker.name, broker]));
  return (name) => {
    const broker = byName.get(name);
    if (!broker) throw new Error(`there is no broker ${name}`);
    return broker;
  };
}
