// One item as the page shows it. Titles are texts, addresses are http(s) or the shop's own: nothing from outside is HTML.

import { attempt } from "./service.js";

/**
 * @typedef {{item_id: string, rank: number, score: number, source: string, reason: {code: string, text: string},
 *   title: string, url: string, image?: string | null, price?: number | null, price_old?: number | null, currency?: string | null}} Item
 * @typedef {{words: string[], language: string, currency: string, reasons: boolean, add: boolean, eager: boolean}} Look
 */

/**
 * An element: attributes that are said, then what is inside. Its parts are its classes, too.
 * @param {string} tag @param {Record<string, any>} [more] @param {...any} inside
 */
export function make(tag, more = {}, ...inside) {
  const made = document.createElement(tag);
  for (const name in more) if (more[name]) made.setAttribute(name, more[name]);
  if (more.part) made.className = more.part;
  made.append(...inside.filter(Boolean));
  return made;
}

/** An address a page may follow, else nothing. @param {any} address */
const safe = (address) => attempt(() => address && /^http/.test(new URL(address, document.baseURI).protocol) && address);

/** Whether there is something to show and somewhere to go. @param {any} item */
export const showable = (item) => item?.item_id && item.title?.trim?.() && safe(item.url);

/** @param {any} value @param {string} currency @param {string} language */
const money = (value, currency, language) =>
  typeof value === "number" && attempt(() => new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(value));

/** @param {Item} item @param {Look} look */
function pictureOf(item, look) {
  const letter = make("div", { part: "placeholder", "aria-hidden": "true" }, [...item.title.trim()][0]);
  const src = safe(item.image);
  if (!src) return letter;
  const image = /** @type {HTMLImageElement} */ (make("img", { part: "image", decoding: "async", loading: look.eager ? "eager" : "lazy", src }));
  image.alt = "";
  image.onerror = () => image.replaceWith(letter);
  return image;
}

/** @param {Item} item @param {Look} look */
function priceOf(item, { language, words, ...look }) {
  const currency = item.currency || look.currency;
  const now = money(item.price, currency, language);
  const old = Number(item.price_old) > Number(item.price) && money(item.price_old, currency, language);
  const cut = old && make("s", { part: "price-old", "aria-label": `${words[7]} ${old}` }, make("bdi", {}, old));
  return now && make("p", {}, make("bdi", { part: cut ? "price badge" : "price" }, now), cut && " ", cut);
}

/**
 * @param {Item} item @param {Look} look
 * @param {() => void} click @param {() => void} add
 */
export function cardOf(item, look, click, add) {
  const link = make("a", { part: "link", href: safe(item.url) }, make("span", { part: "title" }, item.title));
  link.onclick = link.onauxclick = click;
  const { code, text } = item.reason ?? {};
  const why = look.reasons && text && make("p", { part: `reason reason-${code}` }, text);
  const plus = look.add && make("button", { part: "add", "aria-label": look.words[6].replace("{}", () => item.title) }, "+");
  if (plus)
    plus.onclick = () => {
      plus.textContent = "✓";
      setTimeout(() => (plus.textContent = "+"), 2000);
      add();
    };
  return make("li", { id: item.item_id }, make("div", { class: "text" }, link, priceOf(item, look), why), make("div", { class: "picture" }, pictureOf(item, look), plus));
}

/** The same room without content. */
export const placeholder = () => make("li", {}, make("div", { class: "text" }), make("div", { part: "picture placeholder" }));
