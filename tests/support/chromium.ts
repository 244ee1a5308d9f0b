import { chromium } from 'playwright-core';
import { howToInstall, runs } from './programs.js';

/** The browser to test with. @throws Error that says what to install when there is none */
export function chromiumPath(): string {
  const path = findChromium();
  if (path === undefined) throw new Error(`These tests need a browser. ${howToInstall('chromium')}`);
  return path;
}

/** The first that runs of: CHROMIUM_PATH, what the system has, and the download of Playwright. */
export function findChromium(): string | undefined {
  const candidates = [process.env.CHROMIUM_PATH, 'chromium', 'google-chrome', chromium.executablePath()];
  return candidates.find((path) => path !== undefined && path !== '' && runs(path));
}
