/** CPU time and memory of other processes, as `ps` shows them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Usage {
  cpuSeconds: number;
  megabytes: number;
}

/** Of a process and all that it started. */
export async function usageOf(pid: number): Promise<Usage> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,time=,rss=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const family = new Set([String(pid)]);
  // A child is listed after its parent only by chance.
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [own = '', parent = ''] of rows) if (family.has(parent)) family.add(own);
  }
  const own = rows.filter(([id = '']) => family.has(id));
  return {
    cpuSeconds: own.reduce((sum, [, , time = '']) => sum + secondsOf(time), 0),
    megabytes: own.reduce((sum, [, , , kilobytes = '0']) => sum + Number(kilobytes) / 1_024, 0),
  };
}

/** `[[dd-]hh:]mm:ss` */
function secondsOf(time: string): number {
  const [days = '0', clock = time] = time.includes('-') ? time.split('-') : ['0', time];
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
