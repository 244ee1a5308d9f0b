import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { howToInstall, runs } from './programs.js';

/** The browser to test with. @throws Error that says what to install when there is none */
export function chromiumPath(): string {
  const path = findChromium();
  if (path === undefined) throw new Error(`These tests need a browser. ${howToInstall('chromium')}`);
  return path;
}

/** The first that runs of: CHROMIUM_PATH, what the system has, and the download of Playwright. As a path: it launches no other. */
export function findChromium(): string | undefined {
  const ofTheSystem = ['chromium', 'google-chrome'].flatMap(pathsOf);
  const candidates = [process.env.CHROMIUM_PATH, ...ofTheSystem, chromium.executablePath()];
  return candidates.find((path) => path !== undefined && path !== '' && runs(path));
}

function pathsOf(program: string): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, program)).filter((path) => existsSync(path));
}
