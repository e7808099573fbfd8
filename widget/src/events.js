// Events wait in the page until they may be sent, and are sent until they are acknowledged. Ids are given once.

import { allowed, knownVisitor, listeners, visitorId } from "./consent.js";
import { addressOf, said } from "./service.js";

const MOST = 100;
const TOGETHER = 50;
const SOON = 100;
const LATER = 5000;

/** @type {Record<string, any>[]} */
let queue = [];
let timer = 0;
let busy = false;

/** @param {string} type @param {Record<string, any>} more */
export function record(type, more) {
  // `randomUUID` is for secure pages only
  const event_id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  queue.push({ event_id, type, timestamp: new Date().toISOString(), ...more });
  queue.splice(0, queue.length - MOST);
  plan(SOON);
}

/** @param {number} milliseconds */
function plan(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(flush, milliseconds);
}

/** @param {Record<string, any>[]} events */
function bodyOf(events) {
  const who = { visitor_id: knownVisitor(), customer_id: said("customer") || undefined };
  const consent = { analytics_profile: true, onsite_personalisation: allowed.picks };
  const told = events.map((event) => ({ ...event, ...who, consent }));
  return JSON.stringify({ sent_at: new Date().toISOString(), identity: said("identity") || undefined, events: told });
}

/** @param {Record<string, any>[]} events @param {unknown} answer @param {number} began */
function tell(events, answer, began) {
  const detail = { events, answer, milliseconds: performance.now() - began };
  document.dispatchEvent(new CustomEvent("rec-sent", { detail }));
}

async function flush() {
  if (!allowed.events || !queue[0] || busy) return;
  const began = performance.now();
  busy = true;
  /** @type {Record<string, any>[]} */
  let events = [];
  let next = SOON;
  try {
    await visitorId();
    events = allowed.events ? queue.splice(0, TOGETHER) : [];
    const call = { method: "POST", body: bodyOf(events), credentials: "omit", keepalive: true };
    const answer = await fetch(addressOf("events"), /** @type {RequestInit} */ (call));
    if (answer.ok) tell(events, await answer.json(), began);
    else if (answer.status > 428) throw answer;
  } catch {
    // the service is away or asks for patience
    queue.unshift(...events);
    next = LATER;
  }
  busy = false;
  if (queue[0]) plan(next);
}

/** Send what waits even if the page goes; there is no answer then. */
export function hurry() {
  if (!allowed.events || !queue[0] || !knownVisitor()) return;
  if (navigator.sendBeacon(addressOf("events"), bodyOf(queue))) tell(queue.splice(0), null, performance.now());
}

addEventListener("pagehide", hurry);
document.addEventListener("visibilitychange", () => document.hidden && hurry());
listeners.push(() => plan(SOON));
