import type { Conf, Context, Frame, ObjectType } from './context.js';
import { describeProblem, fail, PipelineError, type Problem, type Site } from './errors.js';
import { type IniFile, parseIni } from './ini.js';
import type { Resolver } from './resolver.js';
import { readTrusted } from './trust.js';

/**
 * One load. It reads each file once, so that everything is decided from one state of the files, and collects what is
 * wrong instead of stopping at the first problem.
 */
export interface Session {
  readonly resolver: Resolver;
  /** In the order in which they were met; the first is the one that PasteDeploy would have stopped at. */
  readonly problems: readonly Problem[];
  /**
   * Read a file, or take it as it was read before.
   *
   * @param path is opened as it is
   * @param file what the file is called in messages
   */
  read(path: string, file: string, site: Site): IniFile;
  /** Note what is wrong with a part and go on with a place holder. Other errors pass. */
  attempt(part: () => Context, instead: () => Context): Context;
  /** Note a problem, unless it is known already. */
  report(...problems: readonly Problem[]): void;
  /** Throw all problems as one, if there are any. */
  stopIfWrong(): void;
}

/** @param files what has been read; several sessions that share it see one state of the files */
export function createSession(resolver: Resolver, files = new Map<string, IniFile>()): Session {
  const problems: Problem[] = [];
  const known = new Set<string>();

  const session: Session = {
    resolver,
    problems,
    read(path, file, site) {
      const read = files.get(path) ?? parseIni(readTrusted(path, site), file);
      files.set(path, read);
      return read;
    },
    attempt(part, instead) {
      try {
        return part();
      } catch (error) {
        if (!(error instanceof PipelineError)) throw error;
        session.report(...error.problems);
        return instead();
      }
    },
    report(...found) {
      for (const problem of found) {
        // Four pipelines that share a wrong filter have one problem.
        const line = describeProblem(problem);
        if (known.has(line)) continue;
        known.add(line);
        problems.push(problem);
      }
    },
    stopIfWrong() {
      const [first, ...others] = problems;
      if (first !== undefined) throw new PipelineError([first, ...others]);
    },
  };
  return session;
}

/** A file that legitimately goes this deep has not been seen; values that change with every round would never end. */
const maxSteps = 250;

/**
 * Add a step to the way that led to a context.
 *
 * @throws PipelineError of kind recursion when the same step was taken before: it would be taken for ever
 */
export function step(ancestry: readonly Frame[], frame: Frame, site: Site): readonly Frame[] {
  const since = ancestry.findIndex((earlier) => earlier.state === frame.state);
  if (since >= 0 || ancestry.length >= maxSteps) {
    const round = [...(since >= 0 ? ancestry.slice(since) : ancestry.slice(-3)), frame].map(
      (each) => `[${each.section.name}]`,
    );
    fail('recursion', `${round.join(' → ')} goes in a circle`, site, { name: frame.section.name });
  }
  return [...ancestry, frame];
}

/** What a step depends on. Equal text means that it leads to the same place. */
export function stateOf(
  file: string,
  objectType: ObjectType,
  section: string,
  ...confs: readonly (Conf | undefined)[]
): string {
  const values = confs.map((conf) =>
    conf === undefined ? null : Array.from(conf, ([name, setting]) => [name, setting.value]),
  );
  return JSON.stringify([file, objectType, section, values]);
}
