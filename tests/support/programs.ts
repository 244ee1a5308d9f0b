/** The programs that the tests need and npm does not bring. `npm test` installs what is missing: install-programs.ts. */
import { spawnSync } from 'node:child_process';

export const DEBIAN_PACKAGES = {
  'redis-server': ['redis-server'],
  chromium: ['chromium'],
  java: ['default-jdk-headless', 'maven'],
} as const;
export type ProgramName = keyof typeof DEBIAN_PACKAGES;

/** @throws Error that says what to install when the program does not run */
export function requireProgram(name: ProgramName): void {
  if (!runs(name)) throw new Error(`These tests need ${name}. ${howToInstall(name)}`);
}

/** Whether the program is there and can say its version. */
export function runs(file: string): boolean {
  return spawnSync(file, ['--version']).status === 0;
}

export function howToInstall(...names: ProgramName[]): string {
  const packages = names.flatMap((name) => DEBIAN_PACKAGES[name]);
  return `Install it, for example with: apt-get install ${packages.join(' ')}`;
}
