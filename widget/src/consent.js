// What the person allows, and the browser's id, which exists only while something is allowed.

import { addressOf, said } from "./service.js";

/** `picks`: lists may be personal. `events`: what is looked at may be kept. Nothing, until somebody says so. */
export const allowed = { picks: false, events: false };

const PLACE = "recommender-visitor";
/** Called whenever consent has changed. @type {(() => void)[]} */
export const listeners = [];
/** @type {{visitor_id: string, expires: string} | null} */
let visitor = null;
/** @type {Promise<void> | null} */
let asking = null;

const any = () => allowed.picks || allowed.events;

/** Storage may be closed, or hold something else; an id then lasts as long as the page. @param {() => void} act */
const attempt = (act) => {
  try {
    act();
  } catch {}
};

/** @param {{picks?: boolean, events?: boolean}} news */
export function allow(news) {
  const before = `${allowed.picks}${allowed.events}`;
  Object.assign(allowed, news);
  if (!any()) {
    visitor = null;
    attempt(() => localStorage.removeItem(PLACE));
  }
  if (before !== `${allowed.picks}${allowed.events}`) for (const listener of listeners) listener();
}

/** The id of the browser, given by the shop or by us, if it has one and may have one. @param {Element} [element] */
export function knownVisitor(element) {
  if (!any()) return "";
  attempt(() => (visitor ??= JSON.parse(/** @type {string} */ (localStorage.getItem(PLACE)))));
  return said("visitor", element) || (visitor && Date.parse(visitor.expires) > Date.now() ? visitor.visitor_id : "");
}

/** The same; a new one from the service if there is none. */
export async function visitorId() {
  if (!knownVisitor()) await (asking ??= ask().finally(() => (asking = null)));
  return knownVisitor();
}

async function ask() {
  const made = await (await fetch(addressOf("visitors"), { method: "POST", credentials: "omit" })).json();
  if (!any() || !made.visitor_id) return;
  visitor = made;
  attempt(() => localStorage.setItem(PLACE, JSON.stringify(made)));
}
