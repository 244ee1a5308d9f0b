/** The pages by their kind. A test holds that each page is here. */
import type { DefaultTheme } from 'vitepress';

type Group = DefaultTheme.SidebarItem;

const tutorials: Group = {
  text: 'Tutorials',
  items: [
    { text: 'Your first trade', link: '/tutorials/first-trade' },
    { text: 'Connect a broker', link: '/tutorials/connect-a-broker' },
    { text: 'Run it for real', link: '/tutorials/run-it-for-real' },
  ],
};

const howTo: Group = {
  text: 'How-to',
  items: [
    { text: 'The command line', link: '/command-line' },
    { text: 'Operate Arbion', link: '/operating' },
    { text: 'Signals from strategies', link: '/webhooks' },
    { text: 'Brokers: connect, and what each can do', link: '/brokers/' },
    { text: 'Trade at a simulated exchange', link: '/simulator' },
  ],
};

const reference: Group = {
  text: 'Reference',
  items: [
    { text: 'Commands', link: '/reference/commands' },
    { text: 'Settings', link: '/reference/settings' },
    { text: 'Alerts', link: '/reference/alerts' },
    { text: 'API: who may call what', link: '/authorization' },
    { text: 'API: bad requests', link: '/bad-inputs' },
    { text: 'Sign-in', link: '/sign-in' },
    { text: 'Temporal contract', link: '/temporal' },
    {
      text: "Brokers' wire contracts",
      collapsed: true,
      items: [
        { text: 'Schwab', link: '/brokers/schwab' },
        { text: 'Coinbase', link: '/brokers/coinbase' },
        { text: 'E*TRADE', link: '/brokers/etrade' },
        { text: 'Alpaca', link: '/brokers/alpaca' },
        { text: 'Answers seen in public', link: '/brokers/wire-forms' },
        { text: 'Conformance of the adapters', link: '/conformance' },
      ],
    },
    { text: 'Cryptography', link: '/crypto-inventory' },
    { text: 'Glossary', link: '/glossary' },
    { text: 'Scenarios', link: '/scenarios' },
  ],
};

const explanation: Group = {
  text: 'Explanation',
  items: [
    { text: 'Rules of trading', link: '/rules' },
    { text: 'Failure model', link: '/failure-model' },
    { text: 'Decisions', link: '/decisions/' },
    { text: 'Threats', link: '/threats' },
  ],
};

const changes: Group = { items: [{ text: 'Change log', link: '/changelog' }] };

export const sidebar: Group[] = [tutorials, howTo, reference, explanation, changes];
