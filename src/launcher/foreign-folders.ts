/**
 * Files in a folder that another user owns, such as the data of Postgres where root runs this. Its owner can put a link,
 * another name of a foreign file, or a pipe where one of these is expected; nothing here follows it or waits for it.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { runCommand } from './command.js';

export interface Owner {
  uid?: number;
  gid?: number;
}

const PRIVATE = 0o600;
/** Without waiting for the other end of a pipe. */
const AS_IT_IS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Writes a new file and moves it to the name, whatever was there. */
export function replaceFile(path: string, text: string, owner: Owner): void {
  const beside = `${path}.${randomUUID()}`;
  const file = openSync(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | AS_IT_IS, PRIVATE);
  try {
    writeFileSync(file, text);
    giveTo(owner, file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
}

/** Opened to add to its end. @throws when it is anything but a file with one name */
export function openToAppend(path: string): number {
  return openPlain(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
}

export function appendText(path: string, text: string): void {
  const file = openToAppend(path);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** What is in the file; undefined when there is none. @throws when it is anything but a file with one name */
export function readPlain(path: string): string | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  const file = openPlain(path, constants.O_RDONLY);
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Its content as its owner, who can remove nothing else; then the empty folder itself. */
export async function removeFolder(path: string, { uid, gid }: Owner): Promise<void> {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return;
  if (!entry.isDirectory()) throw notPlain(path, 'folder');
  if (uid === undefined || gid === undefined) return rmSync(path, { recursive: true });
  await runCommand('find', ['.', '-mindepth', '1', '-delete'], { uid, gid, cwd: path });
  rmdirSync(path);
}

function openPlain(path: string, how: number): number {
  const file = openSync(path, how | AS_IT_IS, PRIVATE);
  const { nlink } = fstatSync(file);
  if (fstatSync(file).isFile() && nlink === 1) return file;
  closeSync(file);
  throw notPlain(path, 'file');
}

function notPlain(path: string, expected: string): Error {
  return new Error(`${path} is not the ${expected} that it should be. Find out who put it there, and remove it.`);
}

function giveTo({ uid, gid }: Owner, file: number): void {
  if (uid !== undefined && gid !== undefined) fchownSync(file, uid, gid);
}
