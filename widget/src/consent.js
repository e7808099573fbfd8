// What the person allows, and the browser's id, which exists only while something is allowed.

import { attempt, said } from "./service.js";

/** `picks`: lists may be personal. `events`: what is looked at may be kept. Nothing, until somebody says so. */
export const allowed = { picks: false, events: false };

const PLACE = "recommender-visitor";
/** Called whenever consent has changed. @type {(() => void)[]} */
export const listeners = [];
/** Storage may be closed, or hold something else; an id then lasts as long as the page. @type {{visitor_id: string, expires: string} | null} */
let visitor = null;

const state = () => `${allowed.picks}${allowed.events}`;
const nothing = () => !allowed.picks && !allowed.events;

/**
 * What is not said stays as it is. An id of earlier pages is forgotten when a refusal is `told`, not when one is only assumed.
 * @param {boolean | undefined} picks @param {boolean | undefined} events @param {boolean} told
 */
export function allow(picks, events, told) {
  const before = state();
  allowed.picks = picks ?? allowed.picks;
  allowed.events = events ?? allowed.events;
  if (told && nothing()) {
    visitor = null;
    attempt(() => localStorage.removeItem(PLACE));
  }
  if (before !== state()) for (const listener of listeners) listener();
}

/** The id of the browser, given by the shop or by us, if it has one and may have one. @param {Element} [element] */
export function knownVisitor(element) {
  if (nothing()) return "";
  attempt(() => (visitor ??= JSON.parse(/** @type {string} */ (localStorage.getItem(PLACE)))));
  return said("visitor", element) || (visitor && Date.parse(visitor.expires) > Date.now() ? visitor.visitor_id : "");
}

/** @param {{visitor_id: string, expires: string}} made by the service, for this browser */
export function keepVisitor(made) {
  if (nothing() || !made.visitor_id) return;
  visitor = made;
  attempt(() => localStorage.setItem(PLACE, JSON.stringify(made)));
}
