// The circumstances of an event: page, campaign, paid click ids, referrer, and what the browser says of itself.

import { VERSION } from './version.js';

const CLICK_IDS =
  'gclid gbraid wbraid dclid fbclid msclkid ttclid twclid li_fat_id yclid bd_vid qz_gdt gdt_vid clickid irclickid epik rdt_cid sccid'.split(' ');
const SEARCH_WORDS = ['q', 'query', 's', 'search', 'keyword', 'wd'];
const MAIL = /[^?&=#/;,\s]{1,64}(@|%(25)*40)[^?&=#/;,\s]+\.[^?&=#/;,\s]+/gi;
const PHONE = /(^|\D)1[3-9]\d{9}(?!\d)/g;

let referrer = document.referrer;

/** A text without what looks like an e-mail address or a mobile number. */
export const scrubbed = (text) => text.replace(MAIL, '').replace(PHONE, '$1');

/** The page's address; what follows a # is part of it only where a router of the page uses it. */
export const address = () => location.href.replace(/#(?![/!]).*$/, '');

/** The page before this one, on a site that changes pages without loading them. */
export const cameFrom = (url) => {
  referrer = url;
};

const words = () => new URLSearchParams(scrubbed(location.search));

/** What was searched for on this page, by its address. */
export const searched = () => {
  const given = words();
  const name = SEARCH_WORDS.find((one) => given.get(one)?.trim());
  return name && given.get(name).trim().slice(0, 200);
};

export const page = () => ({
  url: scrubbed(address()),
  path: scrubbed(location.pathname),
  search: scrubbed(location.search),
  title: scrubbed(document.title),
  referrer: scrubbed(referrer),
});

/** The values of those names that have one, or undefined when none has. */
function named(given, names) {
  const found = names.filter(([name]) => given.get(name)).map(([name, as]) => [as || name, given.get(name)]);
  return found.length ? Object.fromEntries(found) : undefined;
}

function elsewhere() {
  const host = document.referrer.split('/')[2];
  return host && host !== location.host ? { url: scrubbed(document.referrer) } : undefined;
}

export function context() {
  const given = words();
  const campaign = ['source', 'medium', 'campaign', 'term', 'content', 'id'].map((one) => [`utm_${one}`, one === 'campaign' ? 'name' : one]);
  return {
    page: page(),
    campaign: named(given, campaign),
    clickIds: named(given, CLICK_IDS.map((one) => [one])),
    referrer: elsewhere(),
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width: screen.width, height: screen.height },
    userAgent: navigator.userAgent,
    library: { name: 'regulars.js', version: VERSION },
  };
}
