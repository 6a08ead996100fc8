/** What `preflight` says of a deployment. */

/**
 * `used`: counts here as it does there. `differs`: counts, with another effect. `ignored`: changes nothing here.
 * `problem`: stops the start, or breaks something that works today.
 */
export type Level = 'used' | 'differs' | 'ignored' | 'problem';

export interface Finding {
  readonly level: Level;
  readonly text: string;
}

/** The part of a deployment that findings are about. */
export interface Area {
  readonly name: 'configuration' | 'pipelines' | 'policy' | 'keys' | 'database';
  readonly findings: readonly Finding[];
}

export const used = (text: string): Finding => ({ level: 'used', text });
export const differs = (text: string): Finding => ({ level: 'differs', text });
export const ignored = (text: string): Finding => ({ level: 'ignored', text });
export const problem = (text: string): Finding => ({ level: 'problem', text });
