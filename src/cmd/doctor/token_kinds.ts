/** What kinds of tokens there are, for the symptoms about them. */

/** Whether tokens of this provider are kept nowhere: what they say is in them. */
export function keepsNoTokens(provider: string): boolean {
  return /(?:^|\.)(?:fernet|jws)(?:\.|$)/.test(provider);
}

/** Whether tokens of this provider are signed documents. */
export function signsTokens(provider: string): boolean {
  return /(?:^|\.)pkiz?(?:\.|$)/.test(provider);
}
