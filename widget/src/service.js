// Where the service is, and for whom the page speaks.

/** The service's own address: that of this script, without its name. */
export const BASE = new URL(import.meta.url.replace(/(w\/1\/)?[^/]*$/, ""));
const own = new URL(import.meta.url).searchParams;

/** Every element in the page, in the order they came. @type {Set<Element>} */
export const elements = new Set();

/** The element that speaks for the page where events are sent. */
const first = () => [...elements][0];

/** What an element says of itself, else what the script's own address says. @param {string} name @param {Element} [element] */
export const said = (name, element = first()) => element?.getAttribute(name) || own.get(name) || "";

/**
 * Address of a call, with the key in it: so a browser need not ask beforehand.
 * @param {string} path @param {string[][]} [more] @param {Element} [element]
 */
export function addressOf(path, more = [], element) {
  const found = new URL(`${said("endpoint", element).replace(/\/$/, "") || BASE.href.slice(0, -1)}/v1/${path}`, document.baseURI);
  for (const [name, value] of [["key", said("key", element)], ...more]) if (value) found.searchParams.append(name, value);
  return found.href;
}
