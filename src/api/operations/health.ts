import type { Client } from '@temporalio/client';
import type { Redis } from 'ioredis';
import type { PrismaClient } from '../../../prisma/generated/client.js';

type ComponentState = 'up' | 'down';

interface HealthReport {
  /** `degraded`: a component that Arbion can do without is down */
  status: 'up' | 'degraded' | 'down';
  components: Record<string, ComponentState>;
}

export type HealthCheck = () => Promise<HealthReport>;

interface Component {
  name: string;
  isNeeded: boolean;
  probe: () => Promise<unknown>;
}

const PROBE_TIMEOUT_MS = 1_500;
/** The components are probed at most once in this time, however often health is requested. */
const REMEMBERED_MS = 1_000;

export function createHealthCheck(prisma: PrismaClient, temporal: Client, redis?: Redis): HealthCheck {
  const components: Component[] = [
    { name: 'database', isNeeded: true, probe: () => prisma.$queryRaw`SELECT 1` },
    { name: 'temporal', isNeeded: true, probe: () => temporal.workflowService.getSystemInfo({}) },
  ];
  if (redis) components.push({ name: 'redis', isNeeded: false, probe: () => redis.ping() });

  let latest: Promise<HealthReport> | undefined;
  return () => {
    latest ??= checkAll(components).finally(() => {
      setTimeout(() => {
        latest = undefined;
      }, REMEMBERED_MS).unref();
    });
    return latest;
  };
}

async function checkAll(components: readonly Component[]): Promise<HealthReport> {
  const states = await Promise.all(components.map(stateOf));
  const isDown = (isNeeded: boolean) =>
    components.some((component, index) => component.isNeeded === isNeeded && states[index] === 'down');
  return {
    status: isDown(true) ? 'down' : isDown(false) ? 'degraded' : 'up',
    components: Object.fromEntries(components.map(({ name }, index) => [name, states[index] ?? 'down'])),
  };
}

async function stateOf({ probe }: Component): Promise<ComponentState> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PROBE_TIMEOUT_MS);
  });
  try {
    await Promise.race([probe(), tooLate]);
    return 'up';
  } catch {
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
