import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf, existingProcess, type ServiceProcess } from './service-process.js';

/** `<name>.pid` files: the process ids of the services, for the next start and for sending signals. */
export class PidFiles {
  constructor(private readonly directory: string) {}

  write(name: string, pid: number): void {
    writeFileSync(this.path(name), `${pid}\n`);
  }

  remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /** Removes the record of this very process, if it is recorded at all. */
  removeOwn(name: string): void {
    if (this.read(name) === process.pid) this.remove(name);
  }

  /** The recorded process, if it still runs and its command line contains `program`: process ids are reused. */
  async find(name: string, program: string): Promise<{ process: ServiceProcess; command: string } | undefined> {
    const pid = this.read(name);
    if (pid === undefined) return undefined;
    const process = existingProcess(pid);
    const command = process.isRunning() ? await commandOf(process.pid) : '';
    return command.includes(program) ? { process, command } : undefined;
  }

  private read(name: string): number | undefined {
    const path = this.path(name);
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined;
  }

  private path(name: string): string {
    return join(this.directory, `${name}.pid`);
  }
}
