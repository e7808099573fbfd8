// The shop's own GA4 pushes are the event feed: whatever its tag manager hears, is heard here, what was said before included.

import { allow } from "./consent.js";
import { record } from "./events.js";

const KINDS = /^(view_item|add_to_cart|remove_from_cart|view_cart|add_to_wishlist|begin_checkout|purchase|refund)$/;

/** What this page is about, as far as it said so. */
export const page = { item: "" };

/** Lists that items were put into the basket from. @type {Record<string, string>} */
export const taken = {};

/** @param {any} value */
const amount = (value) => (value >= 0 && value !== "" && value !== null ? Number(value) : undefined);

/** @param {any} item */
const itemOf = (item) => ({
  item_id: String(item.item_id ?? item.id ?? ""),
  price: amount(item.price),
  quantity: Math.round(item.quantity) || 1,
});

/** @param {string} type @param {any} told */
function hear(type, told) {
  const items = [...(told.items ?? [])].map(itemOf).filter((item) => item.item_id);
  const order = told.transaction_id;
  if (!KINDS.test(type) || !(items[0] || order)) return;
  const first = items[0]?.item_id;
  if (type === "view_item") page.item = first;
  record(type, {
    ...(type === "purchase" && order && { event_id: `order-${order}` }),
    order_id: order && `${order}`,
    items: items.slice(0, 200),
    currency: told.currency || undefined,
    value: amount(told.value),
    slate_id: type === "add_to_cart" ? taken[first] : undefined,
  });
}

/** @param {any} signals of Google's consent mode */
function consent({ personalization_storage: picks, analytics_storage: events }) {
  allow({ ...(picks && { picks: picks === "granted" }), ...(events && { events: events === "granted" }) });
}

/** @param {any} entry an object, or what `gtag(…)` was called with */
function read(entry) {
  try {
    if (entry[0] === "consent") consent(entry[2]);
    else if (entry[0] === "event") hear(entry[1], entry[2]);
    else if (entry.event) hear(entry.event, entry.ecommerce ?? entry);
  } catch {
    // what another's script pushes is not ours to complain about
  }
}

export function listen() {
  const layer = (/** @type {any} */ (window).dataLayer ??= []);
  const { push } = layer;
  layer.push = (/** @type {any[]} */ ...entries) => {
    const answer = push.apply(layer, entries);
    entries.forEach(read);
    return answer;
  };
  [...layer].forEach(read);
}
