// The script tag of the components: names both elements, once a page.

import { Carousel } from './carousel.js';
import { Search } from './search.js';

for (const [name, made] of [
  ['regulars-carousel', Carousel],
  ['regulars-search', Search],
]) {
  if (!customElements.get(name)) customElements.define(name, made);
}
