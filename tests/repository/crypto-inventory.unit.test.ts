import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importsOf, typeScriptFiles } from './source-files.js';

const files = typeScriptFiles('src').filter((file) => !file.startsWith('src/simulator/'));
const inventory = readFileSync('docs/crypto-inventory.md', 'utf8');
const listed = new Set([...inventory.matchAll(/\]\((\S+\.ts)\)/g)].map(([, link = '']) => join('docs', link)));

const OPERATIONS =
  /\b(?:create(?:Hash|Hmac|Cipheriv|Decipheriv|Sign|Verify|PrivateKey)|hkdfSync|pbkdf2|scrypt|timingSafeEqual)\b/;
const PACKAGES = ['@node-rs/argon2', 'jose', 'oauth4webapi', 'otpauth', 'standardwebhooks'];

function usesCryptography(file: string): boolean {
  return (
    OPERATIONS.test(readFileSync(file, 'utf8')) ||
    importsOf(file).some(({ target, isTypeOnly }) => PACKAGES.includes(target) && !isTypeOnly)
  );
}

it('the inventory of cryptography names every file that uses any', () => {
  const using = files.filter(usesCryptography);
  // None at all would mean that they are no longer found.
  expect(using.length).toBeGreaterThan(10);
  expect(using.filter((file) => !listed.has(file))).toEqual([]);
});

it('nothing is hashed with less than SHA-256 but what E*TRADE and authenticators demand', () => {
  const weak = files.filter((file) => /'(?:md5|sha-?1)'/i.test(readFileSync(file, 'utf8')));
  expect(weak).toEqual(['src/wire/oauth1-signature.ts']);
});
