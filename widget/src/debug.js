// ?recommender-debug: why each item is there, and why a list is empty. The one place where a shop's page shows numbers.

import { make } from "./card.js";
import css from "./debug.css";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

const SECRET = ["key", "identity", "visitor_id", "customer_id"];

/** @param {string} name @param {unknown} value */
const line = (name, value) => [make("dt", {}, name), make("dd", {}, value == null || value === "" ? "–" : String(value))];

/** @param {string | undefined} address */
function filters(address) {
  if (!address) return "nothing yet";
  return [...new URL(address).searchParams].map(([name, value]) => `${name}=${SECRET.includes(name) ? "…" : value}`).join(" ");
}

/** @param {any} item @param {any} explained */
function whyOf(item, explained) {
  const rules = explained?.rules?.length ? ` · rules ${explained.rules.join(", ")}` : "";
  const text = `${item.rank} · ${item.source} · ${Number(item.score).toFixed(4)} · ${item.reason?.code}${rules}`;
  return make("p", { class: "debug-item" }, text);
}

/** @param {any} element @param {{picks: boolean, events: boolean}} consent */
export function explain(element, consent) {
  const root = element.shadowRoot;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const { asked, answer, state = "not near the view yet", milliseconds } = element.told;
  const open = root.querySelector(".debug details")?.open ?? state !== "ready";
  for (const old of root.querySelectorAll(".debug, .debug-item")) old.remove();
  const told = answer?.explanation;
  const shown = state === "ready" ? [...root.querySelectorAll("li")] : [];
  const items = answer?.items ?? [];
  shown.forEach((card) => {
    const title = card.querySelector(".title")?.textContent;
    const address = card.querySelector("a")?.getAttribute("href");
    const at = items.findIndex((/** @type {any} */ item) => item.title === title && item.url === address);
    if (at >= 0) card.append(whyOf(items[at], told?.items[at]));
  });
  const dropped = told?.dropped.map((/** @type {any} */ one) => `${one.item_id} (${one.rule ?? one.why})`).join(", ");
  const facts = make(
    "dl",
    {},
    ...line("state", milliseconds == null ? state : `${state}, after ${Math.round(milliseconds)} ms`),
    ...line("scenario", element.getAttribute("scenario")),
    ...line("consent", `personal lists ${consent.picks ? "yes" : "no"}, events ${consent.events ? "yes" : "no"}`),
    ...line("asked with", filters(asked)),
    ...line("problem", answer?.detail),
    ...line("basis", answer?.basis),
    ...line("model", answer?.model),
    ...line("fallback", answer?.fallback),
    ...line("slate", answer?.slate_id),
    ...line("items", answer?.items ? `${items.length} given, ${shown.length} shown (an item needs a title and an address)` : ""),
    ...(dropped ? line("left out", dropped) : []),
  );
  const fold = /** @type {HTMLDetailsElement} */ (make("details", {}, make("summary", {}, "why"), facts));
  fold.open = open;
  root.append(make("div", { class: "debug" }, fold));
}
