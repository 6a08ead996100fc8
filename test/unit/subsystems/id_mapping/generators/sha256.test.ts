import { expect } from 'chai';
import { ValidationError } from '../../../../../src/common/errors.js';
import { generatePublicId } from '../../../../../src/subsystems/id_mapping/generators/sha256.js';

describe('public id generator sha256', () => {
  it('makes the id that Keystone made for the same entity, so that existing grants stay valid', () => {
    expect(generatePublicId({ domain_id: 'default', local_id: 'u1', entity_type: 'user' })).to.equal(
      '91a33c176440ba38dd19811335de51ccf6ae4e342e9d40ffc0e07933a690a703',
    );
  });

  it('makes none of a name with half a surrogate pair, which would share its id with others', () => {
    expect(() => generatePublicId({ local_id: 'a\ud800' })).to.throw(ValidationError);
    expect(generatePublicId({ local_id: '\u{1f511}' })).to.have.length(64);
  });

  it('does not depend on the order of keys', () => {
    expect(generatePublicId({ b: '1', a: '2' })).to.equal(generatePublicId({ a: '2', b: '1' }));
  });
});
