import { foundIf, type Symptom } from './symptom.js';

export const commaInSamlKeyPath: Symptom = {
  name: 'comma_in_SAML_private_key_file_path',
  what: 'The path of the SAML key has a comma in it.',
  why: 'The command that signs assertions takes a comma for the end of the path.',
  advice: 'Move the file, and set [saml] keyfile to a path without a comma.',
  look: ({ conf: { saml } }) => foundIf(saml.keyfile.includes(','), `[saml] keyfile is ${saml.keyfile}`),
};
