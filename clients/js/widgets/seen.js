// What was really seen: at least half of a card, for a second in one go, while the page was visible.

const SHARE = 0.5;
const SEEN_MS = 1000;
const TOGETHER_MS = 300;

/** Watch cards; `seen` is given the places of those that were seen together, each card once. Returns how to stop. */
export function watchSeen(cards, seen) {
  const left = new Set(cards);
  const timers = new Map();
  let waiting = [];
  let soon = 0;

  const flush = () => {
    clearTimeout(soon);
    soon = 0;
    const found = waiting.sort((one, other) => one - other);
    waiting = [];
    if (found.length) seen(found);
  };
  const count = (element) => {
    timers.delete(element);
    left.delete(element);
    observer.unobserve(element);
    waiting.push(cards.indexOf(element));
    soon = soon || setTimeout(flush, TOGETHER_MS);
  };
  const rest = () => {
    timers.forEach((timer) => clearTimeout(timer));
    timers.clear();
    flush();
  };
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRatio } of entries) {
        clearTimeout(timers.get(target));
        timers.delete(target);
        if (intersectionRatio >= SHARE && !document.hidden && left.has(target)) timers.set(target, setTimeout(count, SEEN_MS, target));
      }
    },
    { threshold: SHARE },
  );
  const watch = () => left.forEach((element) => observer.observe(element));
  const turned = () => {
    if (document.hidden) {
      rest();
      observer.disconnect(); // what is still in view when the page is looked at again begins anew
    } else watch();
  };
  watch();
  document.addEventListener('visibilitychange', turned);
  window.addEventListener('pagehide', rest);
  return () => {
    rest();
    observer.disconnect();
    document.removeEventListener('visibilitychange', turned);
    window.removeEventListener('pagehide', rest);
  };
}
