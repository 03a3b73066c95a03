// The version that every message names.

export const VERSION = '0.1.0';
