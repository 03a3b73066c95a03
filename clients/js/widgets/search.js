// <regulars-search>: a search box with suggestions (the combobox of the ARIA authoring practices), and what was found below it.
//
// With `action="/search"` a query leads to that page of the shop as `?find=...` (`name="q"` calls it otherwise); with `results` the element is on
// that page and shows what the address asks for; with neither it shows what was found below the box. What the shop put inside stands there
// until the script runs, and is sent in its place where the server does not answer.

import { ask, askFor, person, tell, tellChosen } from './door.js';
import { card, languageOf, make, picture, safeLink, sign, wordsOf } from './draw.js';
import { dress } from './style.js';

const PAUSE_MS = 120;
let count = 0;

export class Search extends HTMLElement {
  static observedAttributes = ['placeholder', 'lang'];

  #root;
  #input;
  #list;
  #status;
  #results;
  #options = []; // {element, choose}
  #active = -1;
  #timer = 0;
  #asking; // the question about what is typed that is on its way
  #turn = 0;
  #back = () => this.#ofAddress();

  connectedCallback() {
    if (!this.#root) {
      this.#root = this.attachShadow({ mode: 'open' });
      dress(this.#root);
      this.#build();
    }
    if (!this.hasAttribute('results')) return;
    window.addEventListener('popstate', this.#back);
    this.#ofAddress();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#turn += 1;
    window.removeEventListener('popstate', this.#back);
  }

  attributeChangedCallback() {
    if (this.#root) this.#name();
  }

  get #words() {
    return wordsOf(this);
  }

  get #parameter() {
    return this.getAttribute('name') || 'find';
  }

  #build() {
    const id = `rg-options-${(count += 1)}`;
    this.#input = make('input', {
      type: 'search', part: 'input', role: 'combobox', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', enterkeyhint: 'search', maxlength: 200,
      'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id,
      input: (event) => event.isComposing || this.#typed(),
      compositionend: () => this.#typed(),
      keydown: (event) => this.#pressed(event),
      focus: () => this.#typed(),
      blur: () => this.#close(),
    });
    this.#list = make('div', { class: 'options', part: 'options', id, role: 'listbox', hidden: true, mousedown: (event) => event.preventDefault() });
    this.#status = make('div', { class: 'unseen', role: 'status' });
    this.#results = make('div', { class: 'results', part: 'results', hidden: true });
    const submit = (event) => {
      event.preventDefault();
      this.#search(this.#input.value);
    };
    const button = make('button', { type: 'submit', part: 'button' }, sign('glass'));
    const form = make('form', { part: 'form', role: 'search', submit }, this.#input, button);
    this.#root.replaceChildren(make('div', { class: 'box', part: 'box' }, form, this.#list), this.#status, this.#results);
    this.#name();
  }

  #name() {
    const words = this.#words;
    this.#input.setAttribute('aria-label', words.searchIn);
    this.#input.placeholder = this.getAttribute('placeholder') || words.searchIn;
    this.#root.querySelector('form button').setAttribute('aria-label', words.search);
  }

  // -- while somebody types -------------------------------------------------------------------------------------------

  #typed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#suggest(), PAUSE_MS);
  }

  async #suggest() {
    this.#asking?.abort();
    const mine = (this.#asking = new AbortController());
    let found;
    try {
      const asked = { q: this.#input.value.trim(), market: this.getAttribute('market') || undefined, lang: languageOf(this) };
      found = await ask('suggestions', asked, mine.signal);
    } catch {
      if (mine === this.#asking) this.#close(); // the box works without
      return;
    }
    if (mine === this.#asking && this.#root.activeElement === this.#input) this.#offer(found);
  }

  #offer({ suggestions, items, query }) {
    const words = this.#words;
    this.#options = [];
    const option = (choose, ...children) => {
      const place = this.#options.length;
      const element = make('div', { role: 'option', part: 'option', id: `${this.#list.id}-${place}`, 'aria-selected': 'false', click: choose, pointermove: () => this.#move(place) }, children);
      this.#options.push({ element, choose });
      return element;
    };
    const group = (name, made) =>
      made.length && make('div', { role: 'group', 'aria-label': name }, make('div', { class: 'group', 'aria-hidden': 'true' }, name), made);
    const asked = suggestions.map((one) => option(() => this.#search(one), sign('glass'), make('span', { class: 'title' }, one)));
    const shown = items
      .filter((item) => safeLink(item.link))
      .map((item) => option(() => this.#follow(item, query), picture(item), make('span', { class: 'title' }, item.name), item.price_text && make('span', {}, item.price_text)));
    this.#list.replaceChildren(...[group(words.queries, asked), group(words.products, shown)].filter(Boolean));
    this.#list.setAttribute('aria-label', words.searchIn);
    this.#active = -1;
    this.#input.removeAttribute('aria-activedescendant');
    this.#list.hidden = !this.#options.length;
    this.#input.setAttribute('aria-expanded', !this.#list.hidden);
    this.#status.textContent = this.#options.length ? words.offered(this.#options.length) : words.none;
  }

  #close() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
    this.#list.hidden = true;
    this.#active = -1;
    this.#input.setAttribute('aria-expanded', 'false');
    this.#input.removeAttribute('aria-activedescendant');
  }

  #move(place) {
    this.#options[this.#active]?.element.setAttribute('aria-selected', 'false');
    this.#active = place;
    const chosen = this.#options[place]?.element;
    if (!chosen) {
      this.#input.removeAttribute('aria-activedescendant');
      return;
    }
    chosen.setAttribute('aria-selected', 'true');
    chosen.scrollIntoView({ block: 'nearest' });
    this.#input.setAttribute('aria-activedescendant', chosen.id);
  }

  #pressed(event) {
    if (event.isComposing || event.keyCode === 229) return; // words of an input method are being chosen
    const isOpen = !this.#list.hidden;
    const { length } = this.#options;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) this.#suggest();
      else this.#move(event.key === 'ArrowDown' ? (this.#active + 2) % (length + 1) - 1 : this.#active < 0 ? length - 1 : this.#active - 1);
    } else if (event.key === 'Enter' && isOpen && this.#active >= 0) {
      event.preventDefault();
      this.#options[this.#active].choose();
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault(); // the next one clears the box, as browsers do
      this.#close();
    } else if (event.key === 'Tab') {
      this.#close();
    }
  }

  // -- what was asked for ---------------------------------------------------------------------------------------------

  /** A product chosen from the suggestions is a search that led somewhere. */
  #follow(item, query) {
    if (query) tell('Products Searched', { query });
    tellChosen({}, item);
    this.#close();
    location.assign(item.link);
  }

  #search(words) {
    const query = words.trim();
    this.#close();
    this.#input.value = query;
    if (!query) return;
    const action = this.getAttribute('action');
    const here = new URL(this.hasAttribute('results') ? location.href : action || location.href, location.href);
    here.searchParams.set(this.#parameter, query);
    if (this.hasAttribute('results')) {
      if (here.href !== location.href) history.pushState(history.state, '', here);
      this.#find(query);
    } else if (action) location.assign(here);
    else this.#find(query);
  }

  #ofAddress() {
    const query = (new URLSearchParams(location.search).get(this.#parameter) || '').trim().slice(0, 200);
    this.#input.value = query;
    if (query) this.#find(query);
    else this.#results.hidden = true;
  }

  async #find(query) {
    const turn = (this.#turn += 1);
    const whom = await person(this);
    const asked = { q: query, size: this.getAttribute('size') || undefined, market: this.getAttribute('market') || undefined, lang: languageOf(this) };
    const page = async (begin) => {
      const found = await askFor({ token: whom.token }, 'search', { ...asked, begin: begin || undefined });
      return turn === this.#turn ? found : undefined;
    };
    try {
      const found = await page(0);
      if (!found) return;
      const products = found.items.map(({ product_id, position }) => ({ product_id, position }));
      tell('Products Searched', { query, results: found.total, search_id: found.search_id, products });
      if (safeLink(found.redirect)) location.assign(found.redirect);
      else this.#show(found, page);
    } catch {
      if (turn === this.#turn) this.#fall(query);
    }
  }

  #show(found, page) {
    const words = this.#words;
    const said = found.related ? words.related(found.query) : found.total ? `${found.corrected ? `${words.readAs(found.corrected)} · ` : ''}${words.found(found.total)}` : words.nothing(found.query);
    const chosen = (one) => tellChosen({ list_id: found.search_id, search_id: found.search_id }, one);
    const grid = make('ul', { class: 'grid', part: 'list', role: 'list' }, found.items.map((item) => card(item, words, chosen)));
    const more = make('button', { type: 'button', class: 'more', part: 'more', click: () => add() }, words.more);
    const rest = () => (more.hidden = found.related || grid.childElementCount >= found.total);
    const add = async () => {
      const next = await page(grid.childElementCount).catch(() => undefined);
      const cards = (next?.items || []).map((item) => card(item, words, chosen));
      grid.append(...cards);
      cards[0]?.querySelector('a')?.focus();
      if (!rest() && !cards.length) more.hidden = true;
    };
    rest();
    this.#results.replaceChildren(make('p', { class: 'told', part: 'told' }, said), grid, more);
    this.#results.hidden = false;
    this.#status.textContent = said;
    this.dispatchEvent(new CustomEvent('regulars-found', { detail: { query: found.query, total: found.total } }));
  }

  /** The server does not answer: the shop's own form inside is sent, or it is said. */
  #fall(query) {
    const form = this.querySelector('form');
    const field = form?.querySelector('input[type=search]');
    if (field) {
      field.value = query;
      form.submit();
      return;
    }
    this.#results.replaceChildren(make('p', { class: 'told' }, this.#words.away));
    this.#results.hidden = false;
    this.#status.textContent = this.#words.away;
  }
}
