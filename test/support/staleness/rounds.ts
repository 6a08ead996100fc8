/** One change after the other through either process, and what both say of tokens before, meanwhile and after. */
import { isDeepStrictEqual } from 'node:util';
import { type Answer, type Api, FORMS, type Form, member } from './api.js';
import { CHANGES, LOTS, type Move } from './changes/index.js';
import { Random } from './random.js';
import { type Expected, isAsExpected, plain, type Snapshot, type Token } from './truth.js';
import type { Cell, World } from './world.js';

/** Tokens that are looked at: whose validation the change alters, and others. */
const ALTERED = 2;
const OTHERS = 1;
/** How often one is validated all the time while the change is made. */
const MEANWHILE = 0.3;
/** How often the process that validates is busy with a change of its own meanwhile. */
const NOISE = 0.25;
/** Tokens that a change is tried with before another one is chosen. */
const AIMS = 12;
const LONGEST_TEXT = 2000;

export class Rounds {
  readonly wrong: string[] = [];
  /** How often each change was made. */
  readonly made = new Map(CHANGES.map(({ name }) => [name, 0]));
  /** Answers that were judged. */
  judged = 0;
  private readonly random: Random;

  /** @param onWrong told of each wrong answer at once */
  constructor(
    private readonly sides: readonly [Api, Api],
    private readonly world: World,
    private readonly seed: number,
    private readonly onWrong: (text: string) => void = () => undefined,
  ) {
    this.random = new Random(seed);
  }

  /** @throws Error naming seed, round and change when a request fails that must not */
  async round(number: number): Promise<void> {
    const { random, sides, world } = this;
    const first = random.chance(0.5);
    const [changing, validating] = first ? sides : [sides[1], sides[0]];
    await world.replenish(changing, random);
    const { name, move } = this.choose();
    this.made.set(name, (this.made.get(name) ?? 0) + 1);
    const through = first ? 'first' : 'second';
    const what = `seed ${this.seed}, round ${number}, ${name} through the ${through} process (${move.of})`;
    try {
      await new Round({ changing, validating, world, random, judge: this.judgeIn(what) }).run(move);
    } catch (error) {
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  private choose(): { readonly name: string; readonly move: Move } {
    const { random, world } = this;
    for (;;) {
      const chosen = random.pick(LOTS);
      for (let attempt = 0; attempt < AIMS; attempt += 1) {
        const cell = random.pick(world.cells);
        const token = cell && this.aimIn(cell);
        const move = cell && token && chosen?.change({ token, cell, world, random });
        if (move && chosen !== undefined) return { name: chosen.name, move };
      }
    }
  }

  /** Mostly a token that is good. */
  private aimIn({ tokens }: Cell): Token | undefined {
    const { random, world } = this;
    const anyway = random.chance(0.1);
    return random.some(tokens, tokens.size).find((token) => anyway || world.truth.judge(token) !== null);
  }

  private judgeIn(what: string): Judge {
    return (seen, ...right) => {
      this.judged += 1;
      if (right.some((expected) => isAsExpected(seen.answer, expected))) return;
      const { token, form, when, answer } = seen;
      const kind = token.trust ? 'trust' : token.access ? 'access' : (token.scope?.kind ?? 'unscoped');
      const got = { status: answer.status, token: plain(member(answer.body, 'token')) };
      const expectations = right.map((expected) => textOf(expected, got)).join(' or ');
      const told = right.map((expected) => textOf(got, expected)).join(' or ');
      const audit = JSON.stringify(token.fixed['audit_ids']);
      const text = `${what}: ${when}, ${form}, ${kind} token ${audit}: expected ${expectations}, answered ${told}`;
      this.wrong.push(text);
      this.onWrong(text);
    };
  }
}

/** The status, and what is not the same as in the other one. */
function textOf({ status, token }: Expected, other: Expected): string {
  const members = Object.entries(token ?? {}).filter(
    ([name, value]) => !isDeepStrictEqual(value, other.token?.[name]),
  );
  return `${status} ${JSON.stringify(Object.fromEntries(members))}`.slice(0, LONGEST_TEXT);
}

interface Seen {
  readonly token: Token;
  readonly form: Form;
  readonly when: string;
  readonly answer: Answer;
}

/** @param right what the answer may be */
type Judge = (seen: Seen, ...right: readonly Expected[]) => void;

class Round {
  constructor(
    private readonly parts: {
      readonly changing: Api;
      readonly validating: Api;
      readonly world: World;
      readonly random: Random;
      readonly judge: Judge;
    },
  ) {}

  async run(move: Move): Promise<void> {
    const { changing, validating, world, random, judge } = this.parts;
    const { truth } = world;
    const before = truth.snapshot();
    move.learn?.();
    const watched = this.watched(before, truth.snapshot());
    // Some are kept by the process from here on; others it has never seen, or not since the last change.
    const kept = watched.filter(() => random.chance(0.6));
    this.judgeAll(await this.ask(validating, kept, 'before'), before);

    const stop = new AbortController();
    const beside = kept
      .slice(0, random.chance(MEANWHILE) ? 1 : 0)
      .map((token) => this.meanwhile(token, stop.signal));
    const noise = random.chance(NOISE) ? validating.done('PATCH', '/regions/noise', regionOf(random)) : null;
    try {
      await move.make(changing);
    } finally {
      stop.abort();
    }
    const issued = [...truth.tokens].filter((token) => !before.knows(token));
    const atOnce = this.ask(validating, [...watched, ...issued], 'at once');
    const after = truth.snapshot();
    this.judgeAll(await atOnce, after);
    for (const seen of (await Promise.all(beside)).flat()) {
      judge(seen, before.expected(seen.token, seen.form), after.expected(seen.token, seen.form));
    }
    await noise;
    const [again, own] = await Promise.all([
      this.ask(validating, random.some(watched, 1), 'again'),
      this.ask(changing, random.some([...watched, ...issued], 2), 'by the one that changed'),
    ]);
    this.judgeAll([...again, ...own], after);
  }

  private watched(before: Snapshot, after: Snapshot): Token[] {
    const { world, random } = this.parts;
    const [altered, others]: [Token[], Token[]] = [[], []];
    for (const token of world.truth.tokens) {
      (before.differs(after, token) ? altered : others).push(token);
    }
    return [...random.some(altered, ALTERED), ...random.some(others, OTHERS)];
  }

  private ask(api: Api, tokens: readonly Token[], when: string): Promise<Seen[]> {
    const asked = tokens.map(async (token) => {
      const form = this.parts.random.pick(FORMS) ?? 'get';
      return { token, form, when, answer: await api.validate(token.id, form) };
    });
    return Promise.all(asked);
  }

  /** One after the other while the change is made: an answer may know of it or not. */
  private async meanwhile(token: Token, stop: AbortSignal): Promise<Seen[]> {
    const seen: Seen[] = [];
    while (!stop.aborted) {
      const answer = await this.parts.validating.validate(token.id, 'get');
      seen.push({ token, form: 'get', when: 'meanwhile', answer });
    }
    return seen;
  }

  private judgeAll(seen: readonly Seen[], right: Snapshot): void {
    for (const each of seen) this.parts.judge(each, right.expected(each.token, each.form));
  }
}

const regionOf = (random: Random): object => ({ region: { description: String(random.next()) } });
