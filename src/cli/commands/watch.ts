import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import type { ApiClient } from '../api-client.js';
import type { CliContext } from '../context.js';
import { type Event, eventShape, eventText, isOver, tradeShape, tradeText } from '../text.js';

const LOOK_EVERY_MS = 1_000;

const HELP = `
Ends when the trade does, or with Ctrl-C; the trade goes on without a watcher.
With --json each entry is one line.

Example:
  $ arbion watch 0b9f6f0e-0000-4000-8000-000000000000`;

export function addWatch(program: Command, context: CliContext): void {
  const command = program
    .command('watch')
    .description('follow the journal of a trade as it is written')
    .argument('<id>', 'the id of the trade')
    .addHelpText('after', HELP);
  command.action(async (id: string) => {
    const api = context.api();
    const path = `/trades/${encodeURIComponent(id)}`;
    const show = (event: Event) => context.say(context.wantsJson(command) ? JSON.stringify(event) : eventText(event));
    let cursor: string | undefined;
    for (;;) {
      // Asked before the journal is read: what is written last is seen then.
      const trade = tradeShape.parse((await api.get(path)).json);
      for (const event of await eventsAfter(api, path, cursor)) {
        show(event);
        cursor = event.id;
      }
      if (isOver(trade)) {
        if (!context.wantsJson(command)) context.say(`\n${tradeText(trade)}`);
        return;
      }
      await sleep(LOOK_EVERY_MS);
    }
  });
}

async function eventsAfter(api: ApiClient, path: string, cursor: string | undefined): Promise<Event[]> {
  const { json } = await api.get(`${path}/events?limit=200${cursor === undefined ? '' : `&cursor=${cursor}`}`);
  return z.object({ items: z.array(eventShape) }).parse(json).items;
}
