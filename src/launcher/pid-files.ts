import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { existingProcess, type ServiceProcess } from './service-process.js';

/** `<name>.pid` files: which process is which, for the next start and for anybody who wants to send it a signal. */
export class PidFiles {
  constructor(private readonly directory: string) {}

  write(name: string, pid: number): void {
    writeFileSync(this.path(name), `${pid}\n`);
  }

  remove(name: string): void {
    rmSync(this.path(name), { force: true });
  }

  /** The recorded process, if it still runs and `program` stands in its command line: ids are used again for others. */
  async find(name: string, program: string): Promise<{ process: ServiceProcess; command: string } | undefined> {
    if (!existsSync(this.path(name))) return undefined;
    const process = existingProcess(Number(readFileSync(this.path(name), 'utf8')));
    const command = process.isRunning() ? await commandOf(process.pid) : '';
    return command.includes(program) ? { process, command } : undefined;
  }

  private path(name: string): string {
    return join(this.directory, `${name}.pid`);
  }
}

async function commandOf(pid: number): Promise<string> {
  // Without a width, ps cuts long command lines.
  return runCommand('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => '');
}
