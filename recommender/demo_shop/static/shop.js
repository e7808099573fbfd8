// The shop's own script. Everything here is a convenience: each form and link works without it.

const layer = (window.dataLayer = window.dataLayer || []);
const body = document.body;
const said = document.getElementById("said");
const toast = document.getElementById("toast");
const others = "BroadcastChannel" in window ? new BroadcastChannel("demo-shop") : null;
let hide = 0;

if (body.dataset.push) layer.push(JSON.parse(body.dataset.push));

/** Say something politely, and show it for five seconds; a way to try again stays until it is used or closed. */
function say(text, again) {
  said.textContent = text;
  toast.textContent = text;
  clearTimeout(hide);
  if (again) {
    toast.append(button(body.dataset.close, () => (toast.hidden = true)));
    toast.addEventListener("click", (event) => event.target === toast && again(), { once: true });
  } else {
    hide = setTimeout(() => (toast.hidden = true), 5000);
  }
  toast.hidden = false;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/** Send a form's fields; the answer is JSON. */
async function send(action, fields) {
  const answer = await fetch(action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const lists = () => document.querySelectorAll("shop-recommendations[scenario]");
const refresh = () => lists().forEach((list) => list.refresh && list.refresh());

/** Take parts of the page as it is now on the server; focus stays where it was, or goes to the nearest that is left. */
async function renew(selectors) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = document.activeElement && document.activeElement.id;
  for (const selector of selectors) {
    const [before, after] = [document.querySelector(selector), fresh.querySelector(selector)];
    const [list, next] = [before, after].map((part) => part && part.querySelector("shop-recommendations"));
    if (list && next && list.getAttribute("scenario") === next.getAttribute("scenario")) {
      if (next.hasAttribute("cart")) list.setAttribute("cart", next.getAttribute("cart"));
    } else if (before && after) before.replaceWith(document.adoptNode(after));
    else if (before) before.remove();
  }
  prepare(document);
  const left = focused && (document.getElementById(focused) || document.querySelector("#basket button"));
  if (left) left.focus();
}

async function toBasket(action, fields, inPlace) {
  try {
    const changed = await send(action, fields);
    document.getElementById("basket-pill").textContent = changed.pill;
    changed.push.forEach((push) => layer.push(push));
    if (inPlace || document.getElementById("basket")) {
      await renew(["#basket", ".picks"]);
    }
    say(changed.said);
    return true;
  } catch {
    say(body.dataset.failed, () => toBasket(action, fields, inPlace));
    return false;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-basket],[data-soldout]")) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  if (form.matches("[data-soldout]")) return soldOut(form.action, fields);
  const done = await toBasket(form.action, fields, form.matches("[data-lines]"));
  if (done && form.matches(".plus")) tick(event.submitter);
});

/** "+" becomes a tick for two seconds. */
function tick(plus) {
  plus.textContent = "✓";
  setTimeout(() => (plus.textContent = "+"), 2000);
}

document.addEventListener("rec-add", (event) => {
  const item = event.detail.item;
  const id = typeof item === "string" ? item : item.item_id;
  toBasket("/demo/basket/add", new URLSearchParams({ item_id: id, quantity: "1" }), false);
});

/** A section that is nothing without its list goes with it. */
for (const [name, gone] of [["rec-ready", false], ["rec-empty", true], ["rec-error", true]]) {
  document.addEventListener(name, (event) => {
    const section = event.target.closest("[data-of-list]");
    if (section) section.hidden = gone;
  });
}

async function soldOut(action, fields) {
  try {
    const changed = await send(action, fields);
    const id = changed.item_id;
    document.querySelectorAll(`[data-item="${CSS.escape(id)}"]`).forEach((card) => card.classList.toggle("leaves", changed.sold_out));
    await renew([".facts", "[aria-labelledby=together-title]"]);
    const now = document.querySelector(".soldout button");
    if (now) now.focus();
    refresh();
    if (others) others.postMessage("catalogue");
    say(changed.said);
  } catch {
    say(body.dataset.failed, () => soldOut(action, fields));
  }
}

if (others) others.addEventListener("message", refresh);
addEventListener("pageshow", (event) => event.persisted && location.reload());

/** Steppers and the box of things that go together. */
function prepare(root) {
  for (const one of root.querySelectorAll("[data-step]")) one.hidden = false;
  for (const form of root.querySelectorAll("[data-together]")) total(form);
}

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (!step) return;
  const field = step.parentElement.querySelector("input");
  field.value = Math.min(99, Math.max(1, (parseInt(field.value, 10) || 1) + Number(step.dataset.step)));
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-together]");
  if (form) total(form);
});

function total(form) {
  const ticked = [...form.querySelectorAll("input:checked")];
  const act = form.querySelector("button");
  const sum = ticked.reduce((whole, one) => whole + Math.round(100 * Number(one.dataset.price)), 0) / 100;
  const money = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, { style: "currency", currency: "GBP", currencyDisplay: "narrowSymbol" });
  act.disabled = ticked.length === 0;
  act.textContent = ticked.length ? act.dataset.labels.split("|")[ticked.length - 1].replace("{sum}", money.format(sum)) : form.dataset.none;
}

/** Lists to choose from: arrows, first and last, and typing a number. */
let typed = "";
let typedAt = 0;
document.addEventListener("keydown", (event) => {
  const option = event.target.closest && event.target.closest("[role=option]");
  if (!option) return;
  const options = [...option.closest("[role=listbox]").querySelectorAll("[role=option]")];
  const at = options.indexOf(option);
  const go = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key];
  if (go !== undefined) {
    event.preventDefault();
    options[Math.min(Math.max(go, 0), options.length - 1)].focus();
  } else if (/^\S$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    typed = event.timeStamp - typedAt > 900 ? event.key : typed + event.key;
    typedAt = event.timeStamp;
    const found = options.find((one) => one.textContent.toLowerCase().replace(/^\D*(?=\d)/, "").trim().startsWith(typed.toLowerCase()));
    if (found) found.focus();
  }
});

/** Behind a sheet the page is out of reach. */
for (const sheet of document.querySelectorAll("[popover]")) {
  sheet.addEventListener("toggle", (event) => {
    const covered = event.newState === "open" && matchMedia("(max-width:860px)").matches;
    for (const part of document.querySelectorAll("header,.stage,.band,footer")) part.inert = covered;
    const opener = document.querySelector(`[popovertarget="${sheet.id}"]`);
    if (opener) opener.setAttribute("aria-expanded", String(event.newState === "open"));
  });
}

prepare(document);

/** The panel's script comes when there is something to show: it is opened, an event is stored, or it tells on from the page before. */
const panel = document.getElementById("panel");
if (panel) {
  const heard = [];
  let coming;
  const come = () => (coming ??= import(panel.dataset.script).then(({ start }) => (deaf(), start(panel, heard))));
  const overhear = (event) => {
    heard.push(event);
    if (event.type === "rec-sent" && event.detail.events.some((one) => /^view_item$|_cart$|^purchase$/.test(one.type))) come();
  };
  const press = (event) => {
    const asked = event.target.closest("[data-panel-open]");
    if (asked) come().then((open) => open(asked));
  };
  const deaf = () => {
    for (const name of ["rec-sent", "rec-ready"]) document.removeEventListener(name, overhear);
    document.removeEventListener("click", press);
  };
  for (const name of ["rec-sent", "rec-ready"]) document.addEventListener(name, overhear);
  document.addEventListener("click", press);
  document.querySelector(".panel-call").hidden = false;
  try {
    if (panel.dataset.consent !== "yes") for (const name of ["story", "new", "open"]) sessionStorage.removeItem(`demo-${name}`);
    else if (["new", "open"].some((name) => /"value":(true|\[")/.test(sessionStorage.getItem(`demo-${name}`)))) come();
  } catch {
    // storage is forbidden, so nothing lies in it
  }
}
