// How fast a page was for the one who looked: LCP, CLS, INP, FCP and TTFB, told once when the page is hidden for the first time.
//
// References: web.dev "Core Web Vitals"; layout shifts count in windows of at most 5 s with gaps under 1 s, and of the interactions of a page
// one in fifty may be slower than the INP.

import { context } from './context.js';
import { on, safe } from './safe.js';

export function watchVitals(send) {
  const about = context();
  const found = {};
  const durations = new Map();
  let hiddenAt = document.hidden ? 0 : Infinity;
  let shift = { from: 0, to: 0, sum: 0 };
  let isTold = false;

  // A browser that does not know a kind of entry leaves its figure out.
  const watch = safe((type, act, more) =>
    new PerformanceObserver((entries) => entries.getEntries().forEach(safe(act))).observe({ type, buffered: true, ...more }),
  );
  const navigation = performance.getEntriesByType('navigation')[0];
  const shownAt = navigation?.activationStart || 0;
  const since = (time) => Math.max(0, Math.round(time - shownAt));

  const interact = ({ interactionId, duration }) => interactionId && durations.set(interactionId, Math.max(durations.get(interactionId) || 0, duration));
  watch('largest-contentful-paint', ({ startTime }) => startTime < hiddenAt && (found.lcp_ms = since(startTime)));
  watch('paint', ({ name, startTime }) => name === 'first-contentful-paint' && startTime < hiddenAt && (found.fcp_ms = since(startTime)));
  watch('event', interact, { durationThreshold: 16 });
  watch('layout-shift', ({ value, startTime, hadRecentInput }) => {
    if (hadRecentInput) return;
    if (startTime - shift.to >= 1000 || startTime - shift.from >= 5000) shift = { from: startTime, to: startTime, sum: 0 };
    shift.to = startTime;
    shift.sum += value;
    found.cls = Math.max(found.cls || 0, +shift.sum.toFixed(4));
  });
  on(document, 'visibilitychange', () => (hiddenAt = Math.min(hiddenAt, performance.now())));

  return safe(() => {
    if (isTold || !navigation) return;
    isTold = true;
    found.ttfb_ms = since(navigation.responseStart);
    const slowest = [...durations.values()].sort((one, other) => other - one);
    if (slowest.length) found.inp_ms = Math.round(slowest[Math.floor(Math.min(slowest.length - 1, (performance.interactionCount || slowest.length) / 50))]);
    if (found.lcp_ms !== undefined) found.cls ??= 0;
    send('track', { event: 'Page Performance', properties: found }, undefined, about);
  });
}
