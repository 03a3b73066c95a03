// Page views, also where a site changes pages without loading them; what each page shows; and how long it was looked at.

import { tellShown } from './clicks.js';
import { address, cameFrom, context, scrubbed, searched } from './context.js';
import { productShown } from './products.js';
import { on, safe } from './safe.js';

const SETTLE_MS = 200; // the time a single-page site gets to put up title and content
const LOOKS_MS = [0, 1000, 3000]; // when a page is asked for its product: it may come late

export function watchPages(api, send, does) {
  let here; // the address of the page being looked at
  let about; // its circumstances
  let seenMs = 0;
  let since = 0; // 0: hidden
  let timer = 0;
  let lastProduct;
  let lastSearch;

  function look() {
    const product = productShown(document);
    const text = product && JSON.stringify(product);
    if (product && text !== lastProduct) api.track('Product Viewed', { ...product, url: product.url || scrubbed(address()) });
    lastProduct = text;
  }

  function count() {
    const now = performance.now();
    if (since) seenMs += now - since;
    since = document.hidden ? 0 : now;
  }

  function left() {
    count();
    if (about && does('pages')) send('track', { event: 'Page Left', properties: { duration_ms: Math.round(seenMs) } }, undefined, about);
    about = undefined;
    here = undefined;
  }

  function view() {
    clearTimeout(timer);
    timer = 0;
    const now = address();
    if (now === here) return;
    if (here) {
      cameFrom(here);
      left();
    }
    here = now;
    count();
    seenMs = 0;
    about = context();
    if (does('pages')) api.page();
    const words = searched();
    if (words && words !== lastSearch && does('searches')) api.track('Products Searched', { query: words });
    lastSearch = words;
    if (does('clicks')) tellShown(api);
    if (does('products')) LOOKS_MS.forEach((wait) => setTimeout(safe(() => here === now && look()), wait));
  }

  const moved = () => {
    timer = timer || setTimeout(safe(view), SETTLE_MS);
  };
  for (const name of ['pushState', 'replaceState']) {
    const own = history[name];
    history[name] = function (...given) {
      const result = own.apply(this, given);
      moved();
      return result;
    };
  }
  on(window, 'popstate', moved);
  on(document, 'visibilitychange', count);
  on(window, 'pageshow', (event) => event.persisted && view());
  view();

  /** The page goes. */
  return safe(() => {
    if (timer) view();
    left();
  });
}
