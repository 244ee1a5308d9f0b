/** What the command line says about itself, without Arbion behind it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.js';

async function arbion(...args: string[]) {
  const said = { out: '', error: '' };
  const code = await runCli(
    args,
    { ARBION_HOME: '/nowhere' },
    {
      out: (text) => {
        said.out += text;
      },
      error: (text) => {
        said.error += text;
      },
      ask: () => Promise.reject(new Error('nothing is asked here')),
    },
  );
  return { code, ...said };
}

/** The commands of which a help text lists the names. */
const listed = (help: string) => [...help.matchAll(/^ {2}([a-z][a-z-]*)(?= )/gm)].map(([, name = '']) => name);

it('each command has a help with an example of itself', async () => {
  const names = listed((await arbion('--help')).out).filter((name) => name !== 'help');
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    const { code, out } = await arbion(name, '--help');
    expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`\\$ .*arbion ${name}\\b`))]);
  }
});

it.each([
  ['br', 'brokers'],
  ['brokers c', 'connect'],
  ['brokers connect --e', '--email'],
  ['export f', 'fills'],
  ['show a1e4 --j', '--json'],
  ['adjust a1e44137 --stop 12 --t', '--target'],
])('bash completes: arbion %s', async (typed, expected) => {
  const { out: script } = await arbion('completion', 'bash');
  const test = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _arbion; echo "$COMPREPLY"';
  const shown = execFileSync('bash', ['-c', `${script}${test}`, 'bash', 'arbion', ...typed.split(' ')]);
  expect(shown.toString().trim()).toBe(expected);
});

it.each(['zsh', 'fish'])('%s gets a script that it can read', async (shell) => {
  const { code, out } = await arbion('completion', shell);
  expect(code).toBe(0);
  for (const name of ['brokers connect', 'export', 'limits set']) expect(out).toContain(`' ${name}'`);
  const { status } = spawnSync(shell, ['-n'], { input: out });
  // Where the shell is installed, it also checks the script.
  expect(status ?? 0).toBe(0);
});

it('there is completion for these shells only', async () => {
  expect(await arbion('completion', 'tcsh')).toMatchObject({
    code: 2,
    error: expect.stringMatching(/bash, zsh, fish/),
  });
});
