// The script tag: reads its own attributes, takes the calls that came before it, and becomes `window.regulars`.

import { safe } from './safe.js';
import { createTracker } from './tracker.js';

safe(() => {
  const tag = document.currentScript || document.querySelector('script[data-key]');
  const { key, host, consent, auto } = tag.dataset;
  const calls = (window.regulars = window.regulars || []);
  if (calls.ids) return; // the script is on the page twice
  if (!key) {
    console.warn('regulars: the script tag has no data-key');
    return;
  }
  const tracker = createTracker({ url: new URL('v1/batch', host ? host.replace(/\/?$/, '/') : tag.src).href, key, consent, auto });
  const early = calls.splice(0);
  // The list stays the same object, so whoever holds it has the tracker; it takes calls as before: push(['track', 'Product Added', {...}]).
  Object.assign(calls, tracker, { push: (...given) => given.forEach(safe(([name, ...rest]) => tracker[name](...rest))) });
  calls.push(...early);
})();
