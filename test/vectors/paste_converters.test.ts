import { expect } from 'chai';
import { asbool, asint, aslist, ConversionError } from '../../src/pipeline/converters.js';
import { eachCase, type VectorCase, vectorCases } from './support.js';

const file = 'paste_converters.json';

interface ConverterCase extends VectorCase {
  readonly function: 'asbool' | 'asint' | 'aslist';
  readonly args: readonly unknown[];
  readonly kwargs?: { readonly sep?: string; readonly strip?: boolean };
  readonly expected?: unknown;
  readonly error?: unknown;
}

function convert({ function: name, args, kwargs }: ConverterCase): unknown {
  const [value, separator = kwargs?.sep, trim = kwargs?.strip] = args;
  switch (name) {
    case 'asbool':
      return asbool(value);
    case 'asint':
      return asint(value);
    default:
      return aslist(value, separator as string | undefined, trim as boolean | undefined);
  }
}

describe(`vectors: ${file}`, () => {
  eachCase(file, vectorCases<ConverterCase>(file), (vector) => {
    if (vector.error === undefined) expect(convert(vector)).to.deep.equal(vector.expected);
    else expect(() => convert(vector)).to.throw(ConversionError);
  });
});
