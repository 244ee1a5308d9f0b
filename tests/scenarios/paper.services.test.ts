import { paper } from '../support/scenario.js';
import { playAll } from './play-all.js';

playAll(paper);
