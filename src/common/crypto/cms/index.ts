export * from './certificates.js';
export * from './signed_data.js';
export * from './token_text.js';
