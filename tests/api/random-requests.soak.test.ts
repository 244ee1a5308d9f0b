import { test } from 'vitest';
import { askAtRandom } from './ask-at-random.js';

/** The soak asks more. */
const REQUESTS = 3_000;

test('T33 T34 whatever is asked, nothing fails here, and the document describes every answer', () =>
  askAtRandom(REQUESTS));
