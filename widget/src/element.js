// <shop-recommendations>: asks for a list when it is near the view, shows it, says what was seen and clicked.

import { cardOf, make, placeholder, showable } from "./card.js";
import { allow, allowed, knownVisitor, listeners } from "./consent.js";
import { hurry, met, record, taken } from "./page.js";
import { BASE, addressOf, elements, said } from "./service.js";
import css from "./style.css";
import { headingOf, wordsOf } from "./texts.js";

/** @typedef {import("./card.js").Item} Item */

const PATIENCE = 1500;
const GREY_AFTER = 300;
const AHEAD = "200px";
const SEEN_AFTER = 1000;
const FADE = 180;
const ASKED = "category brand price-min price-max repeat currency item cart exclude where".split(" ");
const LOOKS = "scenario size lang customer identity visitor heading layout reasons add consent".split(" ");
const debugging = /recommender-debug/.test(location.search);

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export class ShopRecommendations extends HTMLElement {
  static observedAttributes = [...ASKED, ...LOOKS];

  /** Say what the person allows: personal lists, and that what they look at is kept. @param {boolean} granted */
  static consent(granted) {
    allow(granted, granted, true);
  }

  /** What came of the last call: for the debug overlay. @type {Record<string, any>} */
  told = {};
  #list = listIn(this);

  connectedCallback() {
    elements.add(this);
    this.attributeChangedCallback("consent");
    this.#list.begin();
  }

  disconnectedCallback() {
    elements.delete(this);
    this.#list.end();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.isConnected) return;
    const consent = this.getAttribute("consent");
    if (name === "consent" && consent) ShopRecommendations.consent(consent === "granted");
    this.renew();
  }

  /** Ask again, if it was asked before. */
  renew() {
    this.#list.renew();
  }

  /** Ask again; what is shown stays until the answer is there. */
  refresh() {
    return this.#list.refresh();
  }
}

/** What an element does, over its own state. @param {ShopRecommendations} host */
function listIn(host) {
  const root = host.attachShadow({ mode: "open" });
  const list = make("ul", { part: "list", role: "list" });
  const section = make("section", {}, list);
  const frame = make("div", {}, section, make("slot"));
  const near = new IntersectionObserver((found) => found.some((one) => one.isIntersecting) && refresh(), { rootMargin: AHEAD });
  const eyes = new IntersectionObserver((found) => found.forEach(look), { threshold: 0.5 });
  /** @type {Map<Element, number>} */
  const timers = new Map();
  /** @type {string[]} */
  const seen = [];
  /** @type {Element[]} */
  let cards = [];
  /** @type {Item[]} */
  let items = [];
  let slate = "";
  let turn = 0;
  let soon = 0;
  /** Of a row. @type {HTMLElement | undefined} */
  let arrows;
  root.adoptedStyleSheets = [sheet];
  root.append(frame);

  /** @param {string} name */
  const has = (name) => host.hasAttribute(name);
  /** @param {string} name */
  const say = (name) => said(name, host);
  const row = () => say("layout") === "carousel";
  const size = () => Number(say("size")) || 8;
  const language = () => host.closest("[lang]")?.getAttribute("lang") || navigator.language;
  /** @param {string} name @param {Record<string, any>} detail */
  const tell = (name, detail) => host.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  /** @param {string} name kept, wait, listed or off */
  const state = (name) => (frame.className = `frame ${name}${row() ? " row" : ""}`);

  function begin() {
    if (!say("scenario")) return state("off");
    if (!turn) {
      show(Array.from({ length: size() }, placeholder), "kept");
      if (has("eager")) refresh();
      else near.observe(host);
    }
    explain();
  }

  function end() {
    near.disconnect();
    blink();
  }

  /** No longer looks at the cards. */
  function blink() {
    eyes.disconnect();
    timers.forEach(clearTimeout);
  }

  function renew() {
    clearTimeout(soon);
    if (turn) soon = setTimeout(refresh);
  }

  function address() {
    /** @type {string[][]} */
    const more = [["size", `${size()}`], ["lang", language()]];
    for (const name of ASKED) {
      const several = /item|cart|excl/.test(name) ? "," : name === "where" ? ";" : "\0";
      for (const one of say(name).split(several)) more.push([name.replace("-", "_").replace("item", "item_id"), one.trim()]);
    }
    if (allowed.picks) more.push(["visitor_id", knownVisitor(host)], ["customer_id", say("customer")], ["identity", say("identity")]);
    if (debugging && !say("key")) more.push(["explain", "1"]);
    return addressOf(`recommendations/${say("scenario")}`, more, host);
  }

  async function refresh() {
    near.disconnect();
    if (!say("scenario")) return state("off");
    const [mine, began, signal] = [++turn, performance.now(), AbortSignal.timeout(PATIENCE)];
    /** A row without arrows is still one. */
    const coming = Promise.all([wordsOf(language()), row() && import(BASE + ROW_FILE).catch(() => {})]);
    const grey = setTimeout(() => slate || state("wait"), GREY_AFTER);
    let reason = "unreachable";
    /** @type {any} */
    let answer;
    if (allowed.picks && !knownVisitor(host)) await met();
    const asked = address();
    try {
      const given = await fetch(asked, { credentials: "omit", signal });
      reason = given.ok ? "nonsense" : `status ${given.status}`;
      answer = await given.json();
      if (given.ok && answer.items.map) reason = "";
    } catch (error) {
      if (/** @type {Error} */ (error).name === "TimeoutError") reason = "slow";
    }
    clearTimeout(grey);
    const [words, hands] = reason ? [] : await coming;
    if (mine !== turn) return;
    arrows = hands && hands.arrowsOf(list, words);
    const milliseconds = performance.now() - began;
    items = reason ? [] : answer.items.filter(showable);
    const few = !reason && items.length < (Number(say("min")) || 2);
    host.told = { asked, answer, milliseconds, state: reason || (few ? "too few items" : "ready") };
    blink();
    if (reason || few) {
      state("off");
      tell(few ? "rec-empty" : "rec-error", { reason: host.told.state });
    } else {
      await leave();
      if (mine !== turn) return;
      slate = answer.slate_id;
      fill(words, answer);
      tell("rec-ready", { ...answer, slateId: slate, items, milliseconds });
    }
    explain();
  }

  /** What is not in the new list fades, where motion is welcome; otherwise nothing is waited for. */
  function leave() {
    const gone = cards.filter((card) => card.id && !items.some((item) => item.item_id === card.id));
    for (const card of gone) card.className = "leaves";
    return gone[0]?.getAnimations()[0] && new Promise((done) => setTimeout(done, FADE));
  }

  /** Show the items in the place of what stood there. @param {string[]} words @param {any} answer */
  function fill(words, answer) {
    const face = {
      words,
      language: language(),
      currency: say("currency"),
      reasons: say("reasons") !== "off",
      add: has("add"),
      eager: has("eager"),
    };
    const focused = root.activeElement;
    const place = cards.findIndex((card) => card.contains(focused));
    const made = items.map((item) => cardOf(item, face, () => click(item), () => add(item)));
    show(made, "listed", headingOf(words, say("scenario"), answer));
    for (const card of cards) eyes.observe(card);
    const heir = focused && cards[Math.min(place, cards.length - 1)]?.querySelector(focused.localName);
    /** @type {HTMLElement | null} */ (heir)?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement[]} made @param {string} name @param {string} [heading] */
  function show(made, name, heading) {
    cards = made;
    cards.forEach((card, at) => card.setAttribute("part", `item item-${at + 1}`));
    list.replaceChildren(...cards);
    head(heading);
    section.inert = !heading;
    state(name);
  }

  /** The heading, and in a row the arrows. @param {string} [own] what stands there if the shop gave none */
  function head(own = "\u00a0") {
    const bare = host.getAttribute("heading") === "";
    const text = say("heading") || own;
    const heading = !bare && make(`h${/[234]/.exec(say("heading-level")) ?? 2}`, { part: "heading" }, text);
    section.replaceChildren(list);
    section.ariaLabel = text;
    if (row()) {
      list.tabIndex = 0;
      list.ariaLabel = text;
    }
    if (!bare || row()) section.prepend(make("header", { part: "header" }, heading || " ", row() && arrows));
  }

  /** @param {Item} item */
  function click(item) {
    record("select_item", slate, [item.item_id]);
    hurry();
    tell("rec-click", { item });
  }

  /** @param {Item} item */
  function add(item) {
    taken[item.item_id] = slate;
    tell("rec-add", { item });
  }

  /** Half of a card for a second is seen. @param {IntersectionObserverEntry} entry */
  function look({ target, isIntersecting }) {
    clearTimeout(timers.get(target));
    if (isIntersecting) timers.set(target, setTimeout(saw, SEEN_AFTER, target));
  }

  /** @param {Element} card */
  function saw(card) {
    if (document.hidden) return;
    eyes.unobserve(card);
    const slate_id = slate;
    if (seen.push(card.id) < 2)
      setTimeout(() => record("view_item_list", slate_id, seen.splice(0)), 50);
  }

  function explain() {
    if (debugging) import(BASE + DEBUG_FILE).then((debug) => debug.explain(host, allowed));
  }

  return { begin, end, renew, refresh };
}

listeners.push(() => elements.forEach((one) => /** @type {ShopRecommendations} */ (one).renew()));
