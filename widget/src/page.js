// What happens on the page waits here, in memory only, until it may be sent; without consent nothing takes it from here.

import { allow, allowed, keepVisitor, knownVisitor, listeners } from "./consent.js";
import { BASE, addressOf, said } from "./service.js";

/** Events of the lists. @type {Record<string, any>[]} */
const waiting = [];
/** What the shop pushed to its data layer, and when. @type {[any, string][]} */
const heard = [];
/** Lists that items were put into the basket from. @type {Record<string, string>} */
export const taken = {};
/** @type {{soon: () => void, hurry: () => void, meet: () => Promise<void>} | undefined} */
let feed;
/** The file it lies in, once there was consent. @type {Promise<any> | undefined} */
let coming;

/** @param {string} type @param {string} slate_id @param {string[]} ids */
export function record(type, slate_id, ids) {
  waiting.push({ type, timestamp: now(), slate_id, items: ids.map((item_id) => ({ item_id })) });
  feed?.soon();
}

export const hurry = () => feed?.hurry();

const now = () => new Date().toISOString();

/** @param {any} entry an object, or what `gtag(…)` was called with */
function hear(entry) {
  heard.push([entry, now()]);
  const { personalization_storage: picks, analytics_storage: events } = (entry?.[0] === "consent" && entry[2]) || {};
  allow(picks && picks === "granted", events && events === "granted", entry?.[1] === "update");
  feed?.soon();
}

export function listen() {
  const layer = (/** @type {any} */ (window).dataLayer ??= []);
  const { push } = layer;
  layer.push = (/** @type {any[]} */ ...entries) => {
    entries.forEach(hear);
    return push.apply(layer, entries);
  };
  layer.forEach(hear);
}

/** What happened is sent by a file of its own, which is fetched when there is consent for it. */
listeners.push(() => {
  if (!allowed.events) waiting.length = heard.length = 0;
  else
    coming ??= import(BASE + FEED_FILE).then((file) => {
      feed = file.start({ waiting, heard, taken, allowed, knownVisitor, keepVisitor, addressOf, said });
    });
});

/** How long a list waits for the browser's id: the service may be slow, and a list without it is better than none. */
const GREETING = 700;

/** The browser has its id, if it may have one and it came in time. */
export const met = () =>
  allowed.events && Promise.race([coming?.then(() => feed?.meet()), new Promise((done) => setTimeout(done, GREETING))]).catch(() => {});
