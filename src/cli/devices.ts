/** By what an Arbion knows this machine again, so that not every sign-in is one from a new device. Readable by its owner only. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homePaths } from '../platform/home.js';
import type { CliContext } from './context.js';

/** Cookies by installation and person. */
const devicesShape = z.record(z.string(), z.string());

/** This machine, as an installation knows it for one person. */
export interface Device {
  /** a Cookie header; absent before the first sign-in */
  cookie: string | undefined;
  /** For the next sign-in. Where the file cannot be written the person is warned, and the sign-in goes on. */
  keep(cookie: string): void;
}

export function deviceOf({ env, note }: CliContext, url: string, email: string): Device {
  const { root } = homePaths(env);
  const path = join(root, 'devices.json');
  const key = `${email.toLowerCase()} ${url}`;
  return {
    cookie: readDevices(path)[key],
    keep: (cookie) => {
      try {
        mkdirSync(root, { recursive: true, mode: 0o700 });
        writeDevices(path, { ...readDevices(path), [key]: cookie });
      } catch {
        note(`${path} cannot be written: the next sign-in will be one from a new device.`);
      }
    },
  };
}

/** Without a file that can be read this machine is a new device, no more. */
function readDevices(path: string): Record<string, string> {
  try {
    return devicesShape.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

/** Whole or not at all: another command may read at this moment. */
function writeDevices(path: string, devices: Record<string, string>): void {
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(devices, null, 2)}\n`, { mode: 0o600 });
  renameSync(beside, path);
}
