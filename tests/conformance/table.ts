/** The outcomes of the deck as a page for people: cards by brokers. */
import { deck } from './deck/deck.js';
import { BROKERS, type BrokerName } from './venues.js';

/** What came of each card, by its title. */
export type Results = Record<string, string>;

export const PASSES = 'passes';

/** Where the outcomes of a broker's last run are kept, from this folder. */
export function resultsFile(broker: BrokerName): string {
  return `./results/${broker}.json`;
}

const NAMES: Readonly<Record<BrokerName, string>> = {
  schwab: 'Schwab',
  coinbase: 'Coinbase',
  etrade: 'E\\*TRADE',
  alpaca: 'Alpaca',
};

export function tableOf(results: Readonly<Record<BrokerName, Results>>): string {
  const groups = [...new Set(deck.map(({ group }) => group))];
  return `${INTRODUCTION}\n${groups.map((group) => section(group, results)).join('\n')}`;
}

function section(group: string, results: Readonly<Record<BrokerName, Results>>): string {
  const head = `| | card | ${BROKERS.map((broker) => NAMES[broker]).join(' | ')} | source |\n|---:|---|${BROKERS.map(() => '---|').join('')}---|`;
  const rows = deck
    .filter((card) => card.group === group)
    .map(({ number, title, lags, source }) => {
      const cells = BROKERS.map((broker) => cell(results[broker][title]));
      return `| ${number} | ${title}${lags ? ' ⧗' : ''} | ${cells.join(' | ')} | ${source.replaceAll('*', '\\*')} |`;
    });
  return `## ${group.charAt(0).toUpperCase()}${group.slice(1)}\n\n${head}\n${rows.join('\n')}\n`;
}

function cell(outcome = 'NOT PLAYED'): string {
  return outcome === PASSES ? '✓' : outcome;
}

const INTRODUCTION = `# Conformance of the broker adapters

The same ${deck.length} cards, played over HTTP at each of the four brokers of the [exchange simulator](simulator.md), each at an
exchange of its own. A card is written once, against the port and the exchange's ledger, and knows no broker's name: what differs is
what the adapter itself says of its broker. After each card every order and position that the adapter reads is compared with the ledger.

The last column says who else has seen it: \`W…\` is a form of [wire-forms](brokers/wire-forms.md), with its public witness; \`F…\` and \`I…\`
are points of our own [failure model](failure-model.md), and no witness but us.

⧗: played also (in *reads that lag* only) at an exchange whose lists of orders are up to two seconds behind and whose positions up to ten.
The other cards compare a list with what was done a moment before, in time that stands still, and are played without lags.

✓: as the title says. *Not offered*: the adapter refused before anything was sent. Any other text is what this broker makes of the
card. This page is made by \`npm run conformance\`, and a test compares it with the cards and their last outcomes.
`;
