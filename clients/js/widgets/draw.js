// Elements made without markup in text, the card of a product, and the words of both components.

const WORDS = {
  en: {
    before: 'Previous products', after: 'Next products', was: 'Before', search: 'Search', searchIn: 'Search products', queries: 'Searches', products: 'Products',
    offered: (n) => (n === 1 ? '1 suggestion' : `${n} suggestions`), none: 'No suggestions', found: (n) => (n === 1 ? '1 product' : `${n} products`),
    nothing: (q) => `Nothing found for “${q}”`, related: (q) => `Nothing fits “${q}”. These may be of interest:`, readAs: (q) => `Shown for “${q}”`,
    more: 'Show more', away: 'Search is not available just now',
  },
  zh: {
    before: '上一组商品', after: '下一组商品', was: '原价', search: '搜索', searchIn: '搜索商品', queries: '搜索词', products: '商品',
    offered: (n) => `${n} 条建议`, none: '没有建议', found: (n) => `共 ${n} 件商品`,
    nothing: (q) => `没有找到“${q}”`, related: (q) => `没有找到“${q}”，看看这些商品：`, readAs: (q) => `已为你显示“${q}”的结果`,
    more: '显示更多', away: '搜索暂不可用',
  },
};

/** `zh` or `en`: the element's language, else the page's, else the browser's. */
export const languageOf = (element) => (/^zh/i.test(element.closest('[lang]')?.lang || navigator.language) ? 'zh' : 'en');

export const wordsOf = (element) => WORDS[languageOf(element)];

/** An element with attributes (functions listen) and children; false ones are left out. */
export function make(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter((one) => one || one === 0));
  return made;
}

/** An arrow or a glass, drawn by the style. */
export const sign = (name) => make('span', { class: `sign ${name}`, 'aria-hidden': 'true' });

/** A web address, or undefined: nothing else is ever put into a link. */
export const safeLink = (link) => (/^https?:\/\//i.test(link || '') ? link : undefined);

export const picture = (item) => {
  const image = safeLink(item.image_url);
  const place = make('span', { class: 'picture', part: 'picture' });
  if (image) place.append(make('img', { src: image, alt: '', loading: 'lazy', decoding: 'async', width: 240, height: 240, error: ({ target }) => target.remove() }));
  return place;
};

/** A product as a card; `chosen` is called when its link is followed, in whatever tab. */
export function card(item, words, chosen) {
  const link = safeLink(item.link);
  const price = item.price_text && [
    make('span', { part: 'price' }, item.price_text),
    item.list_price_text && make('s', { part: 'list-price' }, make('span', { class: 'unseen' }, `${words.was} `), item.list_price_text),
  ];
  const told = (event) => event.button < 2 && chosen(item);
  const body = [
    picture(item),
    item.badge_text && make('span', { class: 'badge', part: `badge badge-${item.badge}` }, item.badge_text),
    make('span', { class: 'name', part: 'name' }, item.name),
    price && make('span', { class: 'price' }, price),
    item.reason_text && make('span', { class: 'soft', part: 'reason' }, item.reason_text),
  ];
  return make('li', { part: 'item' }, link ? make('a', { href: link, part: 'link', click: told, auxclick: told }, body) : make('div', { part: 'link' }, body));
}
