import { foundIf, type Symptom } from './symptom.js';

export const unreasonableMaxTokenSize: Symptom = {
  name: 'unreasonable_max_token_size',
  what: 'The longest token that is accepted does not fit the kind of tokens.',
  why: 'Too small a limit refuses good tokens, too large a one makes it cheap to send large wrong ones.',
  advice: 'Set [DEFAULT] max_token_size to 32 for uuid, 255 for fernet, 8192 for pki and pkiz.',
  look({ conf: { token, DEFAULT } }) {
    const size = DEFAULT.max_token_size;
    const { provider } = token;
    const isWrong =
      (provider.includes('uuid') && size !== 32) ||
      (/pkiz?$/.test(provider) && size < 8192) ||
      (provider.includes('fernet') && size > 255);
    return foundIf(isWrong, `[token] provider is ${provider}, [DEFAULT] max_token_size ${size}`);
  },
};
