import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';

const read = (file: string) => readFileSync(`src/${file}`, 'utf8');

/** Runs a process whose shutdown has the given parts, asks it to end, and returns what it printed and how it ended. */
async function shutDown(parts: string, { signals = 1, timeoutMs = 5_000 } = {}) {
  const script = `
    import { createLogger } from './src/platform/logger.ts';
    import { shutdownOnSignal } from './src/platform/shutdown.ts';
    const logger = createLogger({ name: 'test', level: 'error' });
    const shutdown = shutdownOnSignal({ logger, timeoutMs: ${timeoutMs} });
    const say = (line) => process.stdout.write(line + '\\n');
    ${parts}
    setInterval(() => {}, 1000);
    say('up');`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (chunk.toString().includes('up\n')) child.kill('SIGTERM');
    if (signals > 1 && chunk.toString().includes('closing')) child.kill('SIGTERM');
  });
  const [code] = await once(child, 'close');
  return { code, lines: output.trim().split('\n') };
}

it('closes the newest part first and ends well', async () => {
  const { code, lines } = await shutDown(`
    shutdown.add('database', () => say('database'));
    shutdown.add('server', async () => say('server'));`);
  expect({ code, lines }).toEqual({ code: 0, lines: ['up', 'server', 'database'] });
});

it('closes the others although one fails', async () => {
  const { code, lines } = await shutDown(`
    shutdown.add('database', () => say('database'));
    shutdown.add('server', () => { throw new Error('stuck'); });`);
  expect(code).toBe(0);
  expect(lines).toContain('database');
  expect(lines.join('\n')).toContain('could not be closed');
});

it('ends anyway when closing takes too long', async () => {
  const { code } = await shutDown("shutdown.add('server', () => new Promise(() => {}));", { timeoutMs: 200 });
  expect(code).toBe(1);
});

it('is the only file that listens to the signals of a process', async () => {
  const files = await readdir('src', { recursive: true });
  const sources = files.filter((file) => file.endsWith('.ts'));
  const listening = sources.filter((file) => /process\.(on|once)\('?SIG|process\.(on|once)\(signal/.test(read(file)));
  expect(listening).toEqual(['platform/shutdown.ts']);
});

it('ends at once at a second signal', async () => {
  const parts = "shutdown.add('server', () => { say('closing'); return new Promise(() => {}); });";
  expect((await shutDown(parts, { signals: 2, timeoutMs: 60_000 })).code).toBe(1);
});
