import { foundIf, type Symptom } from './symptom.js';

export const commaInSamlCertificatePath: Symptom = {
  name: 'comma_in_SAML_public_certificate_path',
  what: 'The path of the SAML certificate has a comma in it.',
  why: 'The command that signs assertions takes a comma for the end of the path.',
  advice: 'Move the file, and set [saml] certfile to a path without a comma.',
  look: ({ conf: { saml } }) => foundIf(saml.certfile.includes(','), `[saml] certfile is ${saml.certfile}`),
};
