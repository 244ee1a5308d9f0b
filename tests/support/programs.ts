import { spawnSync } from 'node:child_process';

/** A program of the system that a test cannot do without. @throws with what to install */
export function requireProgram(name: 'redis-server' | 'docker-compose'): void {
  if (spawnSync(name, ['--version']).status !== 0) throw new Error(`These tests need ${name}: apt-get install ${name}`);
}
