// The tracker: the calls a page makes, each becoming one message of the Segment specification.

import { watchClicks } from './clicks.js';
import { asksForPrivacy, choice, choose, openGate } from './consent.js';
import { context, page as pageNow } from './context.js';
import { anonymousId, become, forget, sessionId, userId, uuid } from './ids.js';
import { watchPages } from './pages.js';
import { openQueue } from './queue.js';
import { on, safe } from './safe.js';
import { erase, keys, read } from './store.js';
import { watchVitals } from './vitals.js';

const isText = (given) => typeof given === 'string';

/**
 * A tracker for one page.
 *
 * `url`: where batches go. `key`: the write key. `consent`: 'required' when nothing may happen before the visitor agreed.
 * `auto`: which things are noticed by themselves, of 'pages products searches clicks vitals'; all when left out.
 */
export function createTracker({ url, key, consent, auto }) {
  const gate = openGate(consent === 'required' || asksForPrivacy());
  const queue = openQueue(`${url}?writeKey=${encodeURIComponent(key)}`, key);

  function put(type, fields, about, at, options) {
    queue.add({
      type,
      messageId: uuid(),
      anonymousId: anonymousId(),
      userId: userId(),
      originalTimestamp: new Date(at).toISOString(),
      ...fields,
      ...options,
      context: { ...about, sessionId: sessionId(at), consent: choice() || undefined, ...options?.context },
    });
  }

  /** `fields` may be a function: what is asked only when the message may be made. */
  function send(type, fields, options, about = context()) {
    const at = Date.now();
    gate.pass(safe(() => put(type, typeof fields === 'function' ? fields() : fields, about, at, options)));
  }

  const api = {
    track: (event, properties, options) => send('track', { event, properties: properties || {} }, options),
    /** page([[category], name], [properties]) */
    page(...given) {
      const names = given.filter(isText);
      const [properties, options] = given.filter((one) => one && !isText(one));
      send('page', { category: names.length > 1 ? names[0] : undefined, name: names.pop(), properties: { ...pageNow(), ...properties } }, options);
    },
    /** identify([userId], [traits]) */
    identify(id, traits, options) {
      if (id && typeof id === 'object') return api.identify(undefined, id, traits);
      send('identify', () => ({ userId: id ? become(`${id}`) : userId(), traits: traits || {} }), options);
    },
    group: (groupId, traits, options) => send('group', { groupId: `${groupId}`, traits: traits || {} }, options),
    alias: (id, previousId, options) => send('alias', () => ({ userId: `${id}`, previousId: previousId || userId() || anonymousId() }), options),
    /** The customer has signed out: who comes next is somebody else. */
    reset: () => gate.pass(forget),
    /** consent({analytics: true, ...}, [details]) takes a choice; consent() tells the one taken. */
    consent(purposes, details) {
      const before = choice();
      if (!purposes || isText(purposes)) return before;
      const now = { ...before };
      for (const name in purposes) now[name] = !!purposes[name];
      if (JSON.stringify(now) === JSON.stringify(before)) return now;
      const isKnown = read('anon') || read('user');
      choose(now);
      const tell = () => put('track', { event: 'Consent Changed', properties: { ...details, purposes: now } }, context(), Date.now());
      if (gate.answer()) {
        tell();
      } else {
        queue.clear();
        erase('wait', ...keys('q_')); // what pages left behind that are gone
        if (isKnown) tell();
        forget();
      }
      gate.turn();
      queue.flush();
      return now;
    },
    flush: () => queue.flush(),
    /** The ids, for a server that tells more of this visitor; empty while nothing may be stored. */
    ids: () => (gate.answer() ? { anonymousId: anonymousId(), userId: userId(), sessionId: sessionId(Date.now()) } : {}),
  };
  for (const name in api) api[name] = safe(api[name]);

  // Another page of the shop took the choice.
  on(window, 'storage', ({ key: changed }) => {
    if (changed !== 'rg_consent') return;
    if (gate.answer() === false) queue.clear();
    gate.turn();
  });

  function start() {
    const does = (name) => !auto || auto.includes(name);
    on(window, 'pageshow online', ({ type, persisted }) => (persisted || type === 'online') && queue.resume()); // before a page view follows
    const tellVitals = does('vitals') ? safe(watchVitals)(send) : undefined;
    const tellLeft = safe(watchPages)(api, send, does);
    if (does('clicks')) watchClicks(api);
    on(window, 'pagehide', () => {
      tellVitals?.();
      tellLeft?.();
      queue.leave();
    });
    on(document, 'visibilitychange', () => {
      if (!document.hidden) return queue.resume();
      tellVitals?.();
      queue.flush();
    });
    if (gate.answer() || choice()) queue.open();
  }
  const whenShown = safe(() => (document.prerendering ? on(document, 'prerenderingchange', start, { once: true }) : start()));
  if (document.readyState === 'loading') on(document, 'DOMContentLoaded', whenShown);
  else Promise.resolve().then(whenShown); // after the calls that came before the script
  return api;
}
