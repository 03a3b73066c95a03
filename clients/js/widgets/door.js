// Between the components and the server: which address, which key, for whom, and what is told of it.
//
// Whom a list is for is the tracker's to say, as it knows what the visitor agreed to. Where the page has no tracker of ours, the element's own
// `visitor` and `token` are taken at their word.

const PATIENCE_MS = 2000; // for the tracker to be there
const ANSWER_MS = 8000;

const tag = document.currentScript || document.querySelector('script[src*="/widgets.js"]');
const told = () => [...document.querySelectorAll('script[data-key]')].find((one) => one !== tag); // the tracker's own tag
const isQuiet = 'quiet' in (tag?.dataset || {}); // a preview: tells nothing, is nobody's

const base = () => (tag.dataset.host ? new URL('v1/storefront/', tag.dataset.host.replace(/\/?$/, '/')) : tag.src);
const key = () => tag.dataset.key || told()?.dataset.key || '';

/** The page's tracker once it is there; undefined where there is none, or it is too late. */
const tracker = () =>
  new Promise((done) => {
    const until = performance.now() + PATIENCE_MS;
    const look = () => {
      if (window.regulars?.ids) done(window.regulars);
      else if (isQuiet || !told() || performance.now() > until) done();
      else setTimeout(look, 40);
    };
    look();
  });

/** Whom to ask for; nobody while nothing may be stored, or where personal lists were refused. */
export async function person(element) {
  const token = element.getAttribute('token') || undefined;
  const known = await tracker();
  if (!known) return told() || isQuiet ? {} : { visitor: element.getAttribute('visitor') || undefined, token };
  const visitor = known.consent()?.personalisation === false ? undefined : known.ids()?.anonymousId;
  return visitor ? { visitor, token } : {};
}

/** Ask the server; values that are lists are asked several times, what is undefined not at all. */
export async function ask(path, asked, signal) {
  const url = new URL(path, base());
  for (const [name, value] of Object.entries({ key: key(), quiet: isQuiet || undefined, ...asked })) for (const one of [value].flat()) if (one !== undefined && one !== null && one !== '') url.searchParams.append(name, one);
  const answer = await fetch(url, { credentials: 'omit', signal: signal || AbortSignal.timeout?.(ANSWER_MS) });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

/** The same for somebody; a token that has run out costs the list nothing but its best knowledge. */
export async function askFor(whom, path, asked) {
  try {
    return await ask(path, { ...asked, ...whom });
  } catch (wrong) {
    if (!whom.token) throw wrong;
    return ask(path, { ...asked, ...whom, token: undefined });
  }
}

/** Tell an event through the tracker, which keeps to what the visitor agreed to. */
export function tell(event, properties) {
  if (!isQuiet) (window.regulars = window.regulars || []).push(['track', event, properties]);
}

/** Tell that a product was chosen, and of which list or search (`{list_id}`, `{search_id}`). */
export const tellChosen = (from, { product_id, name, brand, category, position }) =>
  tell('Product Clicked', { ...from, product_id, name, position, ...(brand && { brand }), ...(category && { category }) });
