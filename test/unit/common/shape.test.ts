/** What something from a package is held to before anything rests on it. */
import { expect } from 'chai';
import { misfit, type ShapeOf } from '../../../src/common/shape.js';

interface Lamp {
  readonly isLit: boolean;
  readonly watts: number;
  turnOn(): void;
  dim?(): void;
  readonly isOld?: true;
  readonly cord: Cord;
}

interface Cord {
  plug(): void;
  cut?(): void;
}

const LAMP: ShapeOf<Lamp> = {
  isLit: 'boolean',
  watts: 'number',
  turnOn: 'method',
  dim: 'optional method',
  isOld: 'optional boolean',
  cord: { plug: 'method', cut: 'optional method' },
};

const nothing = (): void => undefined;
const whole = { isLit: false, watts: 0, turnOn: nothing, cord: { plug: nothing } };

describe('the shape of something from a package', () => {
  for (const [what, offered] of [
    ['what has all that is asked for', whole],
    [
      'what has more',
      { ...whole, dim: nothing, isOld: true, cord: { plug: nothing, cut: nothing }, colour: 1 },
    ],
    ['what has nothing in the place of what it may leave out', { ...whole, dim: undefined, isOld: null }],
    [
      'an instance of a class, with the methods of those that it comes from',
      new (class extends class {
        turnOn(): void {}
      } {
        readonly isLit = true;
        readonly watts = 60;
        get cord(): Cord {
          return { plug: nothing };
        }
      })(),
    ],
  ] as const) {
    it(`is that of ${what}`, () => {
      expect(misfit(offered, LAMP)).to.equal(null);
    });
  }

  for (const [what, offered, problem] of [
    ['nothing', undefined, 'it is no object'],
    ['null', null, 'it is no object'],
    ['a function', nothing, 'it is no object'],
    ['a list', [whole], 'it is no object'],
    ['an empty object', {}, 'it lacks isLit, watts, turnOn(), cord'],
    ['what lacks a method', { ...whole, turnOn: undefined }, 'it lacks turnOn()'],
    ['what lacks a method further down', { ...whole, cord: {} }, 'it lacks cord.plug()'],
    ['what has a text for a method', { ...whole, turnOn: 'on' }, 'turnOn is no function'],
    ['what has a number for what may be left out', { ...whole, dim: 1 }, 'dim is no function'],
    ['what has a text for yes or no', { ...whole, isLit: 'no' }, 'isLit is neither true nor false'],
    ['what has a text for yes or nothing', { ...whole, isOld: 'no' }, 'isOld is neither true nor false'],
    ['what has a text for a number', { ...whole, watts: '60' }, 'watts is no number'],
    ['what has a function for an object', { ...whole, cord: nothing }, 'cord is no object'],
    [
      'what has many faults',
      { ...whole, isLit: 1, watts: undefined, cord: { cut: 'off' } },
      'it lacks watts, cord.plug(); isLit is neither true nor false; cord.cut is no function',
    ],
  ] as const) {
    it(`is not that of ${what}, and says why`, () => {
      expect(misfit(offered, LAMP)).to.equal(problem);
    });
  }
});
