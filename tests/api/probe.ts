/** Asks for an address again and again until it is asked to stop, and reports to its parent how long each answer took. */
import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 10;

const [url = ''] = process.argv.slice(2);
const times: number[] = [];
let isOver = false;
process.once('message', () => {
  isOver = true;
});
process.send?.('ready');
while (!isOver) {
  const startedAt = performance.now();
  const answer = await fetch(url);
  await answer.text();
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  times.push(performance.now() - startedAt);
  await pause(PAUSE_MS);
}
process.send?.(times, () => process.disconnect());
