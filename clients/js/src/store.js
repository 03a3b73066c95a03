// What is kept in the browser: in localStorage, else small things in a first-party cookie, else in the memory of this page.

import { safe } from './safe.js';

const PREFIX = 'rg_';
const YEAR_S = 31536000;
const memory = {};

/** What a step gives, or undefined where the browser forbids it (private windows, sandboxed frames, full storage). */
const allowed = (step) => safe(step)();

const cookie = (name, value, age) =>
  allowed(() => {
    document.cookie = `${name}=${encodeURIComponent(value)};path=/;max-age=${age};samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
  });

export const read = (key) =>
  allowed(() => localStorage.getItem(PREFIX + key)) ??
  allowed(() => decodeURIComponent(document.cookie.match(`(?:^|; )${PREFIX + key}=([^;]+)`)[1])) ??
  memory[key];

/** Keep a text and give it back; `large` ones do not go into a cookie. */
export function write(key, value, large) {
  const name = PREFIX + key;
  const kept = allowed(() => {
    localStorage.setItem(name, value);
    return true;
  });
  if (!kept) {
    allowed(() => localStorage.removeItem(name));
    memory[key] = value;
    if (!large) cookie(name, value, YEAR_S);
  }
  return value;
}

export function erase(...keys) {
  for (const key of keys) {
    delete memory[key];
    allowed(() => localStorage.removeItem(PREFIX + key));
    if (allowed(() => document.cookie.includes(PREFIX + key))) cookie(PREFIX + key, '', 0);
  }
}

/** The keys kept in localStorage that begin so. */
export const keys = (start) =>
  (allowed(() => Object.keys(localStorage)) || []).filter((name) => name.startsWith(PREFIX + start)).map((name) => name.slice(PREFIX.length));
