/**
 * Value noise: looks like a random walk but is a pure function of time, so that any moment can be read in any order. Octaves
 * of random values on ever wider grids are interpolated and summed; wider grids swing further, as a walk does with the
 * square root of time.
 */

/** A number in [-1, 1) that depends only on its three inputs. */
export function hashNoise(seed: number, octave: number, index: number): number {
  let mixed = (seed ^ Math.imul(octave + 1, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b)) | 0;
  // The indices of fine octaves need more than 32 bits.
  mixed ^= Math.imul(Math.floor(index / 2 ** 32), 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** A 32-bit seed of a text (FNV-1a). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}

const FINEST_SECONDS = 4;
const OCTAVES = 12;

/** The walk at a second: its standard deviation over a span of seconds is about the square root of the span. */
export function walk(seed: number, second: number): number {
  let sum = 0;
  let span = FINEST_SECONDS;
  for (let octave = 0; octave < OCTAVES; octave++) {
    sum += Math.sqrt(span) * smoothNoise(seed, octave, second / span);
    span *= 4;
  }
  return sum;
}

function smoothNoise(seed: number, octave: number, position: number): number {
  const index = Math.floor(position);
  const between = position - index;
  const weight = between * between * (3 - 2 * between);
  const left = hashNoise(seed, octave, index);
  return left + (hashNoise(seed, octave, index + 1) - left) * weight;
}
