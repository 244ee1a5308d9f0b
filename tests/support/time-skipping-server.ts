import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { runCommand } from '../../src/launcher/command.js';
import { cacheDirectory } from '../../src/platform/cache.js';
import { howToInstall, runs } from './programs.js';

const version = '1.31.0';

type Executable = { type: 'cached-download'; downloadDir: string } | { type: 'existing-path'; path: string };

let resolving: Promise<Executable> | undefined;

/**
 * Temporal's test server: the SDK's download where that works, else the Java one from Maven, kept in the cache of this
 * machine. Throws with what to install when neither is to be had.
 */
export function timeSkippingServer(): Promise<Executable> {
  resolving ??= resolve();
  return resolving;
}

const directory = join(cacheDirectory(), `temporal-test-server-${version}`);
const path = join(directory, 'test-server');
const download: Executable = { type: 'cached-download', downloadDir: cacheDirectory() };

export function isTimeSkippingServerKept(): boolean {
  return existsSync(path);
}

/** Whether it can be had without Java and Maven. */
export async function comesWithoutJava(): Promise<boolean> {
  return isTimeSkippingServerKept() || downloads(download);
}

async function resolve(): Promise<Executable> {
  if (existsSync(path)) return { type: 'existing-path', path };
  if (await downloads(download)) return download;
  requireJava();
  await fetchJars(directory);
  return { type: 'existing-path', path };
}

async function downloads(executable: Executable): Promise<boolean> {
  try {
    const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    await environment.teardown();
    return true;
  } catch {
    return false;
  }
}

function requireJava(): void {
  if (runs('java') && runs('mvn')) return;
  throw new Error(
    "Temporal's time-skipping test server could not be downloaded. Maven with a JDK (17 or newer) can fetch it " +
      `instead. ${howToInstall('java')}`,
  );
}

/** Complete or not there at all: two test processes may do this at the same time. */
async function fetchJars(directory: string): Promise<void> {
  const building = await mkdtemp(`${directory}-`);
  await writeFile(join(building, 'pom.xml'), pom);
  await runCommand(
    'mvn',
    ['--batch-mode', '--quiet', 'dependency:copy-dependencies', '-DoutputDirectory=lib', '-DincludeScope=runtime'],
    { cwd: building, timeoutMs: 300_000 },
  );
  const script = join(building, 'test-server');
  await writeFile(script, launchScript);
  await chmod(script, 0o755);
  await rename(building, directory).catch(() => rm(building, { recursive: true }));
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>arbion</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${version}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

// Few cores and short lives: a small heap and a quick start matter more than peak speed.
const launchScript = `#!/bin/sh
exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
  -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;
