/** By what an Arbion knows this machine again, so that not every sign-in is one from a new device. Readable by its owner only. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homePaths } from '../platform/home.js';

/** Cookies by installation and person. */
const devicesShape = z.record(z.string(), z.string());

/** This machine, as an installation knows it for one person. */
export interface Device {
  /** a Cookie header; absent before the first sign-in */
  cookie: string | undefined;
  keep(cookie: string): void;
}

export function deviceOf(env: NodeJS.ProcessEnv, url: string, email: string): Device {
  const { root } = homePaths(env);
  const path = join(root, 'devices.json');
  const key = `${email.toLowerCase()} ${url}`;
  return {
    cookie: readDevices(path)[key],
    keep: (cookie) => {
      mkdirSync(root, { recursive: true, mode: 0o700 });
      const devices = { ...readDevices(path), [key]: cookie };
      writeFileSync(path, `${JSON.stringify(devices, null, 2)}\n`, { mode: 0o600 });
    },
  };
}

function readDevices(path: string): Record<string, string> {
  return existsSync(path) ? devicesShape.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
}
