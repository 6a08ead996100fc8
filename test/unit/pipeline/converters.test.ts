import { expect } from 'chai';
import { asint, ConversionError } from '../../../src/pipeline/converters.js';

describe('the converters of ini values', () => {
  it('read the decimal digits of every script as whole numbers, and nothing else that looks like one', () => {
    expect(asint(' ٣５ ')).to.equal(35);
    // The five styles of mathematical digits follow one another without a gap.
    expect(asint('-\u{1d7ce}\u{1d7d8}\u{1d7e3}\u{1d7ff}')).to.equal(-19);
    for (const text of ['²', '½', 'Ⅷ', '１.５', '１__２', '']) {
      expect(() => asint(text), text).to.throw(ConversionError);
    }
  });
});
