/** All cards in their order. A card is known by its title; its number is its place. */
import type { Card } from '../card.js';
import { cancels } from './cancels.js';
import { fills } from './fills.js';
import { finds } from './finds.js';
import { limits } from './limits.js';
import { logins } from './logins.js';
import { lostAnswers } from './lost-answers.js';
import { market } from './market.js';
import { moves } from './moves.js';
import { orderTypes } from './order-types.js';
import { reads } from './reads.js';
import { refusals } from './refusals.js';
import { terms } from './terms.js';

export type NumberedCard = Card & { number: number };

const groups = [
  ...[orderTypes, terms, fills, refusals, lostAnswers, finds, cancels, moves],
  ...[market, reads, logins, limits],
];

export const deck: readonly NumberedCard[] = groups.flat().map((card, index) => ({ ...card, number: index + 1 }));
