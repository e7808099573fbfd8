// Sends what happened: the lists' own events and the shop's GA4 pushes. Fetched only when there is consent for events.

/**
 * @typedef {Record<string, any>} Told
 * @typedef {{waiting: Told[], heard: [any, string][], taken: Record<string, string>, allowed: {picks: boolean, events: boolean},
 *   knownVisitor: () => string, keepVisitor: (made: any) => void, addressOf: (path: string) => string, said: (name: string) => string}} Page
 */

const KINDS = /^(view_item|add_to_cart|remove_from_cart|view_cart|add_to_wishlist|begin_checkout|purchase|refund)$/;
const TOGETHER = 50;
const SOON = 100;
const LATER = 5000;

/** @param {any} value */
const amount = (value) => (value >= 0 && value < 1e12 && value !== "" && value !== null ? Number(value) : undefined);

/** An id nobody else gives; `randomUUID` is for secure pages only. */
const fresh = () => [...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("-");

/** @param {any} item */
const itemOf = (item) => ({
  item_id: String(item.item_id ?? item.id ?? ""),
  price: amount(item.price),
  quantity: Math.min(Math.max(Math.round(item.quantity) || 1, 1), 10_000),
});

/**
 * An event of ours from one of GA4; nothing for what is none of our business.
 * @param {string} type @param {any} told @param {string} timestamp @param {Record<string, string>} taken @returns {Told[]}
 */
function eventOf(type, told, timestamp, taken) {
  const items = [...(told.items ?? [])].map(itemOf).filter((item) => item.item_id).slice(0, 200);
  const order = told.transaction_id;
  if (!KINDS.test(type) || !(items[0] || (order && amount(told.value) !== undefined))) return [];
  const made = { type, timestamp, items, currency: told.currency || undefined, value: amount(told.value) };
  if (type === "purchase" && order) return [{ ...made, event_id: `order-${order}`, order_id: `${order}` }];
  if (order) return [{ ...made, order_id: `${order}` }];
  return [type === "add_to_cart" ? { ...made, slate_id: taken[items[0].item_id] } : made];
}

/** @param {[any, string]} pushed an object, or what `gtag(…)` was called with; and when @param {Record<string, string>} taken */
function read([entry, at], taken) {
  try {
    if (entry[0] === "event") return eventOf(entry[1], entry[2], at, taken);
    if (entry.event) return eventOf(entry.event, entry.ecommerce ?? entry, at, taken);
  } catch {
    // what another's script pushes is not ours to complain about
  }
  return [];
}

/** @param {Page} page */
export function start({ waiting, heard, taken, allowed, knownVisitor, keepVisitor, addressOf, said }) {
  /** Events with an id, given once. @type {Told[]} */
  let queue = [];
  let timer = 0;
  let busy = false;
  /** @type {Promise<any> | undefined} */
  let meeting;

  function gather() {
    const pushed = heard.splice(0).flatMap((one) => read(one, taken));
    const fresher = [...waiting.splice(0), ...pushed].map((event) => ({ event_id: fresh(), ...event }));
    queue = allowed.events ? [...queue, ...fresher] : [];
    return queue.length > 0;
  }

  /** @param {Told[]} events */
  function bodyOf(events) {
    const who = { visitor_id: knownVisitor(), customer_id: said("customer") || undefined };
    const consent = { analytics_profile: true, onsite_personalisation: allowed.picks };
    const told = events.map((event) => ({ ...event, ...who, consent }));
    return JSON.stringify({ sent_at: new Date().toISOString(), identity: said("identity") || undefined, events: told });
  }

  /** @param {Told[]} events @param {unknown} answer @param {number} began */
  function tell(events, answer, began) {
    const detail = { events, answer, milliseconds: performance.now() - began };
    document.dispatchEvent(new CustomEvent("rec-sent", { detail }));
  }

  /** @param {string} path @param {string} [body] */
  const post = (path, body) => fetch(addressOf(path), { method: "POST", body, credentials: "omit", keepalive: true });

  /** The browser gets its id from the service, once. */
  async function meet() {
    if (knownVisitor()) return;
    meeting ??= post("visitors").then((answer) => answer.json());
    try {
      keepVisitor(await meeting);
    } finally {
      meeting = undefined;
    }
  }

  /** Sends some, waits for the answer; says whether the service should be asked again only later. */
  async function send() {
    const began = performance.now();
    await meet();
    if (!gather() || !knownVisitor()) return;
    const events = queue.splice(0, TOGETHER);
    try {
      const answer = await post("events", bodyOf(events));
      if (answer.status > 428) throw answer;
      if (answer.ok) tell(events, await answer.json(), began);
    } catch (problem) {
      queue.unshift(...events);
      throw problem;
    }
  }

  async function flush() {
    if (busy || !gather()) return;
    busy = true;
    const good = await send().then(
      () => true,
      () => false,
    );
    busy = false;
    if (queue[0]) plan(good ? SOON : LATER);
    else if (waiting[0] || heard[0]) soon();
  }

  /** @param {number} milliseconds */
  function plan(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(flush, milliseconds);
  }

  const soon = () => plan(SOON);

  /** Send what waits even if the page goes; there is no answer then. */
  function hurry() {
    if (!gather() || !knownVisitor()) return;
    if (navigator.sendBeacon(addressOf("events"), bodyOf(queue))) tell(queue.splice(0), null, performance.now());
  }

  addEventListener("pagehide", hurry);
  document.addEventListener("visibilitychange", () => document.hidden && hurry());
  soon();
  return { soon, hurry, meet };
}
