// Events told by the page's own markup: `data-rg-event` on what is clicked, sent as a form, or merely shown.

import { on, safe } from './safe.js';

const NUMBERS = /^(price|quantity|position|value|total|subtotal|revenue|shipping|tax|discount|step|rating)$/;

/** The properties in an element's `data-rg-...` attributes; `data-rg-json` holds what attributes cannot say. */
function told(element) {
  const found = {};
  for (const { name, value } of element?.attributes || []) {
    const key = name.startsWith('data-rg-') && name.slice(8);
    if (key === 'json') Object.assign(found, JSON.parse(value));
    else if (key && key !== 'event' && key !== 'on') found[key] = NUMBERS.test(key) && value && !isNaN(value) ? +value : value;
  }
  return found;
}

/** The fields of a form that say what they are by `data-rg-field`. */
function filled(form) {
  const found = {};
  for (const field of form.querySelectorAll('[data-rg-field]')) {
    const isLeftOut = field.type === 'password' || (/^(checkbox|radio)$/.test(field.type) && !field.checked);
    if (!isLeftOut) found[field.dataset.rgField] = field.value;
  }
  return found;
}

function tell(api, element, more) {
  const around = element.closest('[data-rg-product_id]');
  api.track(element.getAttribute('data-rg-event'), { ...told(around !== element && around), ...told(element), ...more });
}

/** Events of a page that is shown: `data-rg-on="view"`. */
export const tellShown = (api) => document.querySelectorAll('[data-rg-event][data-rg-on=view]').forEach(safe((element) => tell(api, element)));

export function watchClicks(api) {
  const notice = (event) => {
    const element = event.target.closest?.('[data-rg-event]:not([data-rg-on=view])');
    const isForm = element?.tagName === 'FORM';
    if (!element || event.button > 1 || isForm !== (event.type === 'submit')) return;
    tell(api, element, isForm ? filled(element) : {});
  };
  on(document, 'click auxclick submit', notice, true);
}
