import { randomInt } from 'node:crypto';
import { type HomePaths, readTemporalPlaces, type TemporalPlaces, writeTemporalPlaces } from '../platform/home.js';
import type { PidFiles } from './pid-files.js';
import { freePort, isPortFree } from './ports.js';

/**
 * Where the embedded Temporal server of this home listens: drawn at random at the first start and kept, unless another
 * program has taken one of the ports. The server does not ask who calls, so nobody should be able to guess its ports.
 */
export async function temporalPlaces(paths: HomePaths, pidFiles: PidFiles): Promise<TemporalPlaces> {
  const kept = readTemporalPlaces(paths);
  if (kept && ((await pidFiles.find('temporal', paths.temporalDatabase)) || (await areFree(kept)))) return kept;
  const drawn = await draw();
  writeTemporalPlaces(paths, drawn);
  return drawn;
}

async function draw(): Promise<TemporalPlaces> {
  const ports = new Set<number>();
  while (ports.size < 4) ports.add(await freePort());
  const [port = 0, httpPort = 0, metricsPort = 0, uiPort = 0] = ports;
  return { port, httpPort, metricsPort, ui: { address: await loopbackAddress(uiPort), port: uiPort } };
}

/**
 * The console takes requests under any Host header, so a web page whose name is rebound to this machine would be let in
 * if it found the port. Where every address of 127.0.0.0/8 is this machine (not on macOS) it has to guess that as well.
 */
async function loopbackAddress(port: number): Promise<string> {
  const drawn = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  return (await isPortFree(port, drawn)) ? drawn : '127.0.0.1';
}

async function areFree({ port, httpPort, metricsPort, ui }: TemporalPlaces): Promise<boolean> {
  const free = [port, httpPort, metricsPort].map((wanted) => isPortFree(wanted));
  return (await Promise.all([...free, isPortFree(ui.port, ui.address)])).every(Boolean);
}
