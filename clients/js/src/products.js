// The product a page shows, from what the page says for search engines and social networks: JSON-LD, microdata, OpenGraph.

import { scrubbed } from './context.js';
import { safe } from './safe.js';

const first = (given) => (Array.isArray(given) ? given[0] : given);
const list = (given) => (Array.isArray(given) ? given : given ? [given] : []);
const text = (given) => {
  const one = first(given);
  return one == null ? undefined : `${typeof one === 'object' ? one.name || one.url || one['@id'] || '' : one}`.trim() || undefined;
};

/** A price as pages write it: 1299, 1,299.00, 1.299,00, ¥1 299; of a range the lower end. */
function number(given) {
  const [digits] = `${given ?? ''}`.replace(/\s/g, '').match(/\d[\d.,]*/) || [];
  return digits && +(/,\d{1,2}$/.test(digits) ? digits.replace(/\./g, '').replace(',', '.') : digits.replace(/,/g, ''));
}

/** Everything in a JSON-LD block that stands on its own: not the products of a list. */
const nodes = (given) => list(given).flatMap((one) => [one, ...nodes(one['@graph']), ...nodes(one.mainEntity)]);

const isProduct = (node) => list(node['@type']).some((type) => /(^|\/|:)Product(Group)?$/.test(type));

function fromJson(root) {
  const blocks = [...root.querySelectorAll('script[type="application/ld+json"]')];
  const found = blocks.flatMap((script) => safe(() => nodes(JSON.parse(script.textContent)).filter(isProduct))() || []);
  // Several products are a list, unless one says that it is this page.
  return found.length > 1 ? found.find((node) => node.url && new URL(node.url, location.href).pathname === location.pathname) : found[0];
}

/** A schema.org item in attributes, as the object that JSON-LD would hold. */
function item(scope) {
  const found = {};
  for (const element of scope.querySelectorAll('[itemprop]')) {
    if (element.parentElement.closest('[itemscope]') !== scope) continue;
    const value = element.hasAttribute('itemscope')
      ? item(element)
      : element.getAttribute('content') ?? element.getAttribute('href') ?? element.getAttribute('src') ?? element.textContent;
    for (const name of element.getAttribute('itemprop').split(' ')) found[name] ??= value;
  }
  return found;
}

function fromMicrodata(root) {
  const scopes = [...root.querySelectorAll('[itemscope][itemtype$="schema.org/Product"]:not([itemprop])')];
  return scopes.length === 1 ? item(scopes[0]) : undefined;
}

function asProduct(told) {
  const node = { ...first(told.hasVariant), ...told };
  const offer = first(node.offers) || {};
  const terms = first(offer.priceSpecification) || {};
  const image = first(node.image);
  return {
    product_id: ['productGroupID', 'productID', 'sku', 'mpn', 'gtin13', 'gtin'].map((name) => text(node[name])).find(Boolean),
    sku: text(node.sku),
    name: text(node.name),
    brand: text(node.brand),
    category: text(node.category),
    price: number(offer.price ?? offer.lowPrice ?? terms.price),
    currency: text(offer.priceCurrency) || text(terms.priceCurrency),
    url: text(node.url),
    image_url: image?.contentUrl || image?.url || text(image),
  };
}

function fromOpenGraph(root) {
  const tag = (...names) => {
    for (const name of names) {
      const value = root.querySelector(`meta[property="${name}"],meta[name="${name}"]`)?.content;
      if (value) return value;
    }
    return undefined;
  };
  const price = tag('product:price:amount', 'og:price:amount');
  const id = tag('product:retailer_item_id');
  return {
    is: /product/.test(tag('og:type')) || price,
    product: {
      product_id: id,
      sku: id,
      name: tag('og:title'),
      brand: tag('product:brand'),
      category: tag('product:category'),
      price: number(price),
      currency: tag('product:price:currency', 'og:price:currency'),
      url: tag('og:url'),
      image_url: tag('og:image'),
    },
  };
}

const absolute = (url) => url && scrubbed(new URL(url, location.href).href);

/** The one product of the page, or undefined; each source fills what the one before it left open. */
export function productShown(root) {
  const graph = fromOpenGraph(root);
  const told = [fromJson(root), fromMicrodata(root)].filter(Boolean).map(asProduct);
  if (!told.length && !graph.is) return undefined;
  const product = {};
  for (const one of [...told, graph.product]) for (const name in one) product[name] ??= one[name];
  product.url = absolute(product.url);
  product.image_url = absolute(product.image_url);
  return product.product_id || product.name ? product : undefined;
}
