import type { Api } from '../api.js';
import type { Random } from '../random.js';
import type { Token } from '../truth.js';
import type { Cell, World } from '../world.js';

/** One change, chosen but not made. */
export interface Move {
  /** Of what, for who reads of a wrong answer. */
  readonly of: string;
  /** Make it, through one process; other changes are not made meanwhile. */
  readonly make: (api: Api) => Promise<unknown>;
  /** Tell the truth of it: before it is made, so that it is known which tokens it means. */
  readonly learn?: () => void;
}

/** A change is aimed at a token, and may well mean others too. */
export interface Aim {
  readonly token: Token;
  /** Where it was issued. */
  readonly cell: Cell;
  readonly world: World;
  readonly random: Random;
}

/** @returns null when there is nothing to change in this way */
export type Change = (aim: Aim) => Move | null;
