// <regulars-carousel placement="home" item="p1 p2" title="..." size="12" token="..." theme="light|dark">: a list of products in a row that scrolls.
//
// Until the list is there its place is held by grey cards, or by what the shop's server put inside. What fails or is empty is not seen.

import { askFor, person, tell, tellChosen } from './door.js';
import { card, languageOf, make, sign, wordsOf } from './draw.js';
import { watchSeen } from './seen.js';
import { dress } from './style.js';

const NEAR = '600px'; // a list is asked for when it is so near to the window
const GHOSTS = 4;

const many = (text) => (text || '').split(/[\s,]+/).filter(Boolean);

const ghost = () =>
  make('li', { class: 'ghost', 'aria-hidden': 'true' }, make('div', {}, make('span', { class: 'picture' }), make('span', { class: 'name' }), make('span', { class: 'price' }), make('span', { class: 'soft' })));

export class Carousel extends HTMLElement {
  static observedAttributes = ['placement', 'item', 'exclude', 'category', 'brand', 'market', 'size', 'token', 'visitor', 'lang'];

  #root;
  #near;
  #stop;
  #turn = 0;
  #title = '';

  connectedCallback() {
    this.#title = this.getAttribute('title') || this.#title;
    this.removeAttribute('title'); // else it would be shown beside the pointer, over every product
    if (!this.#root) {
      this.#root = this.attachShadow({ mode: 'open' });
      dress(this.#root);
    }
    this.#wait();
  }

  disconnectedCallback() {
    this.#turn += 1;
    this.#near?.disconnect();
    this.#stop?.();
    this.#stop = undefined;
  }

  attributeChangedCallback(_, before, now) {
    if (this.#root && this.isConnected && before !== now) this.#wait();
  }

  /** Hold the place, and ask once it is near to the window. */
  #wait() {
    const turn = (this.#turn += 1);
    this.#near?.disconnect();
    if (!this.#stop) this.#root.replaceChildren(this.childElementCount ? make('slot') : make('div', {}, make('div', { class: 'head' }), make('ul', { class: 'row' }, Array.from({ length: GHOSTS }, ghost))));
    this.#near = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.#near.disconnect();
        this.#load(turn);
      },
      { rootMargin: NEAR },
    );
    this.#near.observe(this);
  }

  async #load(turn) {
    const given = (name) => this.getAttribute(name) || undefined;
    let list;
    try {
      list = await askFor(await person(this), 'recommendations', {
        placement: given('placement') || 'home',
        item: many(given('item')),
        exclude: many(given('exclude')),
        category: given('category'),
        brand: given('brand'),
        market: given('market'),
        size: given('size'),
        lang: languageOf(this),
      });
    } catch {
      list = undefined; // the page goes on without it
    }
    if (turn !== this.#turn) return;
    this.#stop?.();
    this.#stop = undefined;
    if (list?.items.length) this.#show(list);
    else this.#root.replaceChildren(...(this.childElementCount ? [make('slot')] : []));
    this.dispatchEvent(new CustomEvent('regulars-list', { detail: { items: list ? list.items.length : 0 } }));
  }

  #show(list) {
    const words = wordsOf(this);
    const title = this.#title || list.title;
    const cards = list.items.map((item) => card(item, words, (one) => tellChosen({ list_id: list.impression_id }, one)));
    const row = make('ul', { class: 'row', part: 'list', role: 'list', scroll: () => this.#ends(row, before, after) }, cards);
    const move = (way) => () => row.scrollBy({ left: way * Math.max(row.clientWidth * 0.85, 120) });
    const before = make('button', { type: 'button', part: 'button', 'aria-label': words.before, click: move(-1) }, sign('before'));
    const after = make('button', { type: 'button', part: 'button', 'aria-label': words.after, click: move(1) }, sign('after'));
    this.#root.replaceChildren(
      make('section', { part: 'region', 'aria-label': title }, make('div', { class: 'head' }, make('h2', { part: 'title' }, title), before, after), row),
    );
    const watcher = new ResizeObserver(() => this.#ends(row, before, after));
    watcher.observe(row);
    const unseen = watchSeen(cards, (places) =>
      tell('Product List Viewed', {
        list_id: list.impression_id,
        placement: list.placement,
        products: places.map((place) => ({ product_id: list.items[place].product_id, position: list.items[place].position })),
      }),
    );
    this.#stop = () => {
      watcher.disconnect();
      unseen();
    };
  }

  /** Buttons that lead nowhere say so, and keep the focus. */
  #ends(row, before, after) {
    const most = row.scrollWidth - row.clientWidth;
    before.hidden = after.hidden = most < 2;
    before.setAttribute('aria-disabled', row.scrollLeft < 2);
    after.setAttribute('aria-disabled', row.scrollLeft > most - 2);
  }
}
