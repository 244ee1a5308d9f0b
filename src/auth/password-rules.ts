/** Rules for passwords. There are none about kinds of characters, because such rules make passwords worse. */
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

export const MINIMUM_LENGTH = 15;
export const MAXIMUM_LENGTH = 256;

const CONTEXT_WORDS = ['arbion', 'schwab', 'coinbase', 'etrade', 'alpaca'];
/** The best of the five scores: more than 10^10 guesses. */
const UNGUESSABLE = 4;

/** Estimates guesses from leaked passwords and the usual variations. The estimate is slow for long texts. */
const guessing = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: 64 });

/** A letter has several encodings; which one a keyboard sends must not matter. */
export function normalized(password: string): string {
  return password.normalize('NFKC');
}

/** Why a password is refused, or undefined. */
export function passwordProblem(password: string, email: string): string | undefined {
  const plain = normalized(password);
  const length = [...plain].length;
  if (length < MINIMUM_LENGTH) return `must have at least ${MINIMUM_LENGTH} characters`;
  if (length > MAXIMUM_LENGTH) return `must have at most ${MAXIMUM_LENGTH} characters`;
  const lower = plain.toLowerCase();
  if (new Set(lower.replaceAll(' ', '')).size < 5) return 'must have at least 5 different characters';
  if ([...CONTEXT_WORDS, ...wordsOf(email)].some((word) => lower.includes(word))) {
    return 'must not contain "arbion", a broker\'s name or parts of the e-mail address';
  }
  if (guessing.check(plain).score < UNGUESSABLE) return 'is too easy to guess: it is, or resembles, a leaked password';
  return undefined;
}

/** The local part, its words and the name of the domain, without words so short that they occur in many others. */
function wordsOf(email: string): string[] {
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  const [name = ''] = domain.split('.');
  return [local, ...local.split(/[._+-]/), name].filter(
    (word) => word.length > 3 || (word === local && word.length > 2),
  );
}
