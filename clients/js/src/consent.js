// What the visitor has agreed to. Where nobody was asked yet, calls wait in the memory of the page; nothing is stored or sent.

import { read, write } from './store.js';

const MOST = 200;

/** Whether the browser asks not to be followed: Global Privacy Control, or Do Not Track. */
export const asksForPrivacy = () => navigator.globalPrivacyControl === true || navigator.doNotTrack === '1' || window.doNotTrack === '1';

export const choice = () => JSON.parse(read('consent') || 'null');

export const choose = (purposes) => write('consent', JSON.stringify(purposes));

/** A gate in front of everything that stores or sends; `isRequired` shuts it until consent was given. */
export function openGate(isRequired) {
  let waiting = [];

  /** true: allowed; false: refused; undefined: not asked yet. */
  const answer = () => choice()?.analytics ?? (isRequired ? undefined : true);

  return {
    answer,
    pass(act) {
      const is = answer();
      if (is) act();
      else if (is === undefined && waiting.length < MOST) waiting.push(act);
    },
    /** The choice has changed: let through what waits, or let it go. */
    turn() {
      const acts = waiting;
      waiting = [];
      acts.forEach((act) => this.pass(act));
    },
  };
}
