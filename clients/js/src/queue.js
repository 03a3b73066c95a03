// Messages on their way: kept until the server has answered, in a queue of this page that another page adopts when this one is gone.
//
// While a page lives it holds a lock with its queue's name (Web Locks), so nobody else sends its messages. When it goes, what is left is
// handed to the browser as a beacon and stays kept too: a beacon has no answer, and the server counts a messageId once.

import { uuid } from './ids.js';
import { safe } from './safe.js';
import { erase, keys, read, write } from './store.js';

const BATCH = 20;
const BATCH_MS = 2000;
const MOST = 200;
const KEEPALIVE_BYTES = 60000;
const LONGEST_WAIT_MS = 3600000;
const LONGEST_BACKOFF_MS = 300000;
const ANSWER_MS = 30000;
const ABANDONED_MS = 600000; // where there are no locks: a queue nobody touched for so long has no page any more

export function openQueue(url, writeKey) {
  let id = '';
  let items = []; // messages as JSON
  let sending = [];
  let adopted = []; // of these, what could be handed to the browser was
  let release;
  let timer = 0;
  let failures = 0;
  let isOpen = false;

  const body = (batch) => `{"batch":[${batch}],"sentAt":"${new Date().toISOString()}","writeKey":${JSON.stringify(writeKey)}}`;

  /** How long the server asked to be left alone, all pages of the shop together; a longer time than we ever keep is a clock that was set. */
  const mustWait = () => {
    const left = read('wait') - Date.now();
    return left <= LONGEST_WAIT_MS ? left : 0;
  };
  const save = (touched = Date.now()) => (items.length ? write(`q_${id}`, [touched, ...items].join('\n'), true) : erase(`q_${id}`));

  function keep() {
    items.splice(0, items.length - MOST);
    if (release) save();
  }

  function wake(delay) {
    clearTimeout(timer);
    timer = setTimeout(flush, delay);
  }

  function open() {
    if (isOpen) return;
    isOpen = true;
    const mine = uuid();
    id = mine;
    const hold = () =>
      mine === id &&
      new Promise((done) => {
        release = done;
        keep();
      });
    if (navigator.locks) navigator.locks.request(`q_${id}`, hold).catch(hold);
    else hold();
    adopt();
    setTimeout(safe(adopt), 1000); // the page before this one may just be letting go of its lock
  }

  /** Take over the queues of pages that are gone. */
  function adopt() {
    for (const key of keys('q_')) {
      const take = (lock) => {
        const [at, ...found] = (read(key) || '').split('\n');
        if (!lock || !isOpen || (lock === true && Date.now() - at < ABANDONED_MS)) return;
        items.unshift(...found);
        adopted.push(...found);
        keep();
        erase(key);
        if (found.length && !timer) wake(0);
      };
      if (key === `q_${id}`) continue;
      if (navigator.locks) navigator.locks.request(key, { ifAvailable: true }, safe(take)).catch(() => {});
      else take(true);
    }
  }

  async function flush() {
    clearTimeout(timer);
    timer = 0;
    if (sending.length || !items.length || !isOpen || !navigator.onLine) return;
    if (mustWait() > 0) {
      wake(mustWait());
      return;
    }
    sending = items.slice(0, BATCH);
    const text = body(sending);
    const answer = await fetch(url, {
      method: 'POST',
      body: text, // text/plain: a browser asks nobody's leave before it sends that
      credentials: 'omit',
      keepalive: new Blob([text]).size < KEEPALIVE_BYTES,
      signal: AbortSignal.timeout?.(ANSWER_MS),
    }).catch(() => {});
    settle(answer?.status, answer?.headers.get('Retry-After'));
  }

  /** What an answer means: 2xx has arrived; a 4xx will never be taken; everything else, and no answer, is for later. */
  function settle(status, after) {
    const isOver = (status >= 200 && status < 300) || (status >= 400 && status < 500 && ![408, 429].includes(status));
    const sent = sending;
    sending = [];
    if (isOver) {
      failures = 0;
      erase('wait');
      items = items.filter((item) => !sent.includes(item));
      keep();
      if (items.length) wake(items.length < BATCH ? BATCH_MS : 0);
      return;
    }
    failures += 1;
    const asked = after && (isNaN(after) ? Date.parse(after) - Date.now() : after * 1000);
    const delay = asked > 0 ? Math.min(asked, LONGEST_WAIT_MS) : Math.min(1000 * 2 ** failures, LONGEST_BACKOFF_MS) * (0.5 + Math.random() / 2);
    if (status) write('wait', Date.now() + delay);
    wake(delay);
  }

  /** The page goes: what is not on its way leaves with the browser, and stays kept for the next page. */
  function leave() {
    if (!id) return;
    clearTimeout(timer);
    timer = 0;
    const rest = items.filter((item) => ![...sending, ...adopted].includes(item));
    if (navigator.onLine && mustWait() <= 0) {
      while (rest.length && navigator.sendBeacon?.(url, body(rest.splice(0, BATCH))));
    }
    save(0);
    release?.();
    release = undefined;
    isOpen = false;
    id = uuid();
    items = [];
    adopted = [];
  }

  return {
    open,
    flush,
    leave,
    /** Back from the browser's memory of pages, visible again, or connected again. */
    resume() {
      if (!id) return;
      open();
      adopt();
      flush();
    },
    add(message) {
      const isLate = id && !isOpen; // told while the page goes
      if (!isLate) open();
      items.push(JSON.stringify(message));
      keep();
      if (isLate) leave();
      else if (!failures && items.length >= BATCH) flush();
      else if (!timer) wake(BATCH_MS);
    },
    clear() {
      items = [];
      save();
    },
  };
}
