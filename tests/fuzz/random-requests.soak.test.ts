import { test } from 'vitest';
import { askAtRandom } from '../api/ask-at-random.js';

const REQUESTS = 30_000;

test('T33 T34 whatever is asked, nothing fails here, and the document describes every answer', () =>
  askAtRandom(REQUESTS));
