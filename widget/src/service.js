// Where the service is, and for whom the page speaks.

/** The service's own address: that of this script, without its name. */
export const BASE = import.meta.url.replace(/(w\/1\/)?[^/]*$/, "");

/** Every element in the page, in the order they came. @type {Set<Element>} */
export const elements = new Set();

/** What an element says of itself; without one, that which speaks for the page. @param {string} name @param {Element} [element] */
export const said = (name, element = [...elements][0]) => element?.getAttribute(name) || "";

/**
 * Address of a call, with the key in it: so a browser need not ask beforehand.
 * @param {string} path @param {string[][]} [more] @param {Element} [element]
 */
export function addressOf(path, more = [], element) {
  const endpoint = said("endpoint", element);
  const found = new URL(`v1/${path}`, endpoint ? new URL(`${endpoint}/`, BASE) : BASE);
  for (const [name, value] of [["key", said("key", element)], ...more]) if (value) found.searchParams.append(name, value);
  return found.href;
}

/** What an act gives; nothing where it fails. @template T @param {() => T} act */
export function attempt(act) {
  try {
    return act();
  } catch {}
}
