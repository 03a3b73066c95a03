// Who is looking and in which visit: the visitor's id, the known customer's id, the session.

import { erase, read, write } from './store.js';

const GAP_MS = 30 * 60 * 1000;

/** A random UUID; `crypto.randomUUID` is missing on pages without https. */
export const uuid = () =>
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

export const anonymousId = () => read('anon') || write('anon', uuid());

export const userId = () => read('user') || undefined;

/** The session of an event at `now`: a pause of exactly 30 minutes ends one. */
export function sessionId(now) {
  const [id, last] = (read('session') || '').split(' ');
  const current = id && now - last < GAP_MS ? id : uuid();
  write('session', `${current} ${now}`);
  return current;
}

/** Take a customer's id. Another customer than before is another person: on a shared device they share no visitor's id. */
export function become(id) {
  if (userId() && userId() !== id) erase('anon', 'session');
  return write('user', id);
}

export const forget = () => erase('anon', 'user', 'session');
