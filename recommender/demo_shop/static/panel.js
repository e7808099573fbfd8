// The panel "What just happened": shows what an event changed, by asking how things stand after it.
// The shop's script fetches it when there is something to show.

/**
 * @param {HTMLElement} panel
 * @param {Event[]} heard what the widget said before this was here
 */
export function start(panel, heard) {
  const { consent, owner } = panel.dataset;
  const words = JSON.parse(panel.dataset.words);
  const language = { en: "en-GB" }[document.documentElement.lang] || document.documentElement.lang;
  const body = panel.querySelector("[data-panel-body]");
  const wide = matchMedia("(min-width: 1000px)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let before = JSON.parse(panel.dataset.before);
  let opener = null;

  // ---- what is kept between pages: only of somebody who agreed, and only for this tab
  const kept = {
    read: (name) => {
      if (consent !== "yes") return null;
      try {
        const found = JSON.parse(sessionStorage.getItem(`demo-${name}`));
        return found && found.owner === owner ? found.value : null;
      } catch {
        return null;
      }
    },
    write: (name, value) => {
      if (consent !== "yes") return;
      try {
        sessionStorage.setItem(`demo-${name}`, JSON.stringify({ owner, value }));
      } catch {
        // storage is full or forbidden: the panel forgets between pages
      }
    },
  };

  // ---- small makers
  const el = (tag, props = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), props);
    made.append(...inside.filter((one) => one !== null));
    return made;
  };
  const svg = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const say = (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const picture = (src, size) => (src ? el("img", { src, alt: "", width: size, height: size }) : el("span"));
  const number = (options) => new Intl.NumberFormat(language, options);
  const forms = {
    count: number({ maximumFractionDigits: 0 }),
    measure: number({ maximumFractionDigits: 1 }),
    money: number({ style: "currency", currency: "GBP", currencyDisplay: "narrowSymbol" }),
    share: number({ style: "percent", maximumFractionDigits: 0 }),
  };
  const shown = (fact) => (!fact || fact.value === null ? words.no_data : forms[fact.unit].format(fact.value));
  const seconds = (ms) =>
    ms < 100
      ? number({ style: "unit", unit: "millisecond", unitDisplay: "narrow", maximumFractionDigits: 0 }).format(ms)
      : number({ style: "unit", unit: "second", unitDisplay: "narrow", maximumFractionDigits: 2 }).format(ms / 1000);

  // ---- opening and closing
  const outside = () =>
    [...document.body.children, ...panel.parentElement.children].filter((one) => !one.contains(panel) && one.tagName !== "SCRIPT");
  function open(from) {
    opener = from || document.activeElement;
    panel.hidden = false;
    document.body.classList.add("has-panel");
    kept.write("open", wide.matches);
    settle();
    if (!wide.matches || from) panel.querySelector("#panel-title").focus({ preventScroll: wide.matches });
  }
  function close() {
    panel.hidden = true;
    document.body.classList.remove("has-panel");
    kept.write("open", false);
    settle();
    if (opener?.isConnected) opener.focus();
  }
  function settle() {
    const modal = !panel.hidden && !wide.matches;
    for (const one of outside()) one.inert = modal;
    panel.setAttribute("role", modal ? "dialog" : "complementary");
    modal ? panel.setAttribute("aria-modal", "true") : panel.removeAttribute("aria-modal");
    for (const one of document.querySelectorAll("[data-panel-open]")) one.setAttribute("aria-expanded", String(!panel.hidden));
  }
  wide.addEventListener("change", settle);
  document.addEventListener("click", (event) => {
    const asked = event.target.closest?.("[data-panel-open]");
    if (asked) panel.hidden ? open(asked) : close();
    else if (event.target.closest?.("[data-panel-close]")) close();
    else if (!panel.hidden && !wide.matches && !panel.contains(event.target)) close();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  // ---- what an event was about
  const SAID = ["purchase", "add_to_cart", "remove_from_cart", "view_item"];
  const titles = new Map(before.places.map((place) => [place.item_id, place.title]));
  function about(item) {
    for (const { ecommerce } of window.dataLayer || []) for (const one of ecommerce?.items || []) titles.set(one.item_id, one.item_name);
    return { title: titles.get(item) || item, image: panel.dataset.picture.replace("ITEM", encodeURIComponent(item)) };
  }
  function ready(event) {
    for (const one of event.detail.items || []) titles.set(one.item_id, one.title);
    mark(event);
  }

  function sentence(event) {
    const items = event.items || [];
    const first = items.length ? about(items[0].item_id) : { title: "", image: null };
    const item = items.length > 1 ? say("more_items", { item: first.title, n: items.length - 1 }) : first.title;
    return { text: say(event.type, { item }), image: first.image };
  }

  // ---- differences
  function factChanges(old, now) {
    const was = new Map(old.map((fact) => [fact.key, fact]));
    const is = new Map(now.map((fact) => [fact.key, fact]));
    const zero = (fact) => ({ ...fact, value: 0 });
    const rows = [];
    for (const key of new Set([...is.keys(), ...was.keys()])) {
      const after = is.get(key) || zero(was.get(key));
      const prior = was.get(key) || (after.unit === "share" ? zero(after) : null);
      if (shown(prior) !== shown(after)) rows.push({ prior, after });
    }
    const weight = ({ prior, after }) =>
      after.unit === "share" ? Math.abs(after.value - (prior?.value || 0)) : after.unit === "count" ? 2 : 0.001;
    return rows.sort((a, b) => weight(b) - weight(a));
  }
  function listChanges(old, now) {
    const was = new Map(old.map((place, index) => [place.item_id, index]));
    const rows = now.map((place, index) => {
      const prior = was.get(place.item_id);
      return { ...place, rank: index + 1, by: prior === undefined ? null : prior - index };
    });
    const stays = new Set(now.map((place) => place.item_id));
    return { rows, left: old.filter((place) => !stays.has(place.item_id)) };
  }

  // ---- drawing
  function step(name, when, ...inside) {
    return el(
      "li",
      { className: "panel-step" },
      el("div", { className: "panel-line" }, el("h3", { textContent: words[name] }), el("span", { className: "panel-when", textContent: when })),
      ...inside,
    );
  }
  function stepSent(story) {
    const code = [story.event.type, ...(story.event.items || []).slice(0, 1).map((one) => one.item_id), words.consent_yes];
    const { text, image } = story.sentence;
    return step(
      "sent",
      new Date(story.at).toLocaleTimeString(language),
      el("div", { className: "panel-sent" }, picture(image, 44), el("div", {}, el("p", { textContent: text }), el("code", { textContent: code.join(" · ") }))),
      story.stored ? null : el("p", { className: "panel-note", textContent: words.refused }),
      story.stored
        ? el("details", {}, el("summary", { textContent: words.json }), el("pre", { tabIndex: 0, textContent: JSON.stringify(story.event, null, 1) }))
        : null,
    );
  }
  function bar(prior, after) {
    const drawn = svg("svg", { class: "panel-bar", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" });
    const at = (share) => Math.min(100, 100 * share).toFixed(1);
    drawn.append(
      svg("rect", { class: "panel-bar-all", width: 100, height: 6, rx: 1 }),
      svg("rect", { class: "panel-bar-now", width: at(after.value), height: 6, rx: 1 }),
      svg("rect", { class: "panel-bar-was", x: at(prior?.value || 0), width: 0.6, height: 6 }),
    );
    return drawn;
  }
  function stepProfile(story) {
    const rows = story.facts.slice(0, 4).map(({ prior, after }) =>
      el(
        "div",
        { className: "panel-fact" },
        el("dt", { textContent: after.label }),
        el(
          "dd",
          { className: after.unit === "share" ? "has-bar" : "" },
          el("span", {}, el("s", { textContent: shown(prior) }), " ", el("ins", { textContent: shown(after) })),
          after.unit === "share" ? bar(prior, after) : null,
        ),
      ),
    );
    if (story.facts.length && story.same) {
      rows.push(el("div", { className: "panel-fact" }, el("dt", { textContent: story.same.label }), el("dd", { textContent: say("no_change", { value: shown(story.same) }) })));
    }
    const more = story.facts.length - 4;
    return step(
      story.facts.length ? "profile" : "profile_same",
      say("after", { time: seconds(story.profileAfter) }),
      rows.length ? el("dl", {}, ...rows) : null,
      more > 0 ? el("p", { className: "panel-note", textContent: say("more", { n: more }) }) : null,
    );
  }
  function stepList(story) {
    const { rows, left } = story.list;
    const fresh = rows.filter((row) => row.by === null);
    const moved = rows.filter((row) => row.by);
    const changed = fresh.length + moved.length + left.length > 0;
    const sign = (row) => (row.by === null ? words.new : row.by > 0 ? `↑ ${row.by}` : row.by < 0 ? `↓ ${-row.by}` : "–");
    const drawn = rows.map((row) =>
      el(
        "li",
        { className: row.by === null ? "is-new" : "" },
        el("span", { className: "panel-rank", textContent: row.rank }),
        picture(row.image, 36),
        el("span", { textContent: row.title }),
        el("span", { className: "panel-sign", textContent: sign(row) }),
      ),
    );
    const gone = left.map((row) =>
      el("li", { className: "is-left" }, el("span", { className: "panel-rank", textContent: "–" }), picture(row.image, 36), el("s", { textContent: row.title }), el("span", { className: "panel-sign", textContent: words.left })),
    );
    if (story.moving && !still.matches) {
      rows.forEach((row, index) => {
        const from = row.by === null ? [{ opacity: 0 }, { opacity: 1 }] : [{ transform: `translateY(${100 * row.by}%)` }, { transform: "none" }];
        drawn[index].animate(from, { duration: 240, delay: 480 + 30 * index, easing: "cubic-bezier(.2,.7,.2,1)", fill: "backwards" });
      });
    }
    const summary = changed ? el("p", { className: "panel-note", textContent: say("changed", { n: fresh.length, m: moved.length, k: left.length }) }) : null;
    const cause = fresh.length ? el("p", { className: "panel-note", textContent: say("cause", { item: fresh[0].title, reason: fresh[0].reason }) }) : null;
    return step(changed ? "list" : "list_same", say("after", { time: seconds(story.listAfter) }), summary, changed ? el("ol", { className: "panel-list" }, ...drawn, ...gone) : null, cause);
  }
  function draw(story) {
    panel.querySelector("[data-panel-empty]").hidden = true;
    const undo = el("button", { type: "button", className: "panel-undo", textContent: words.undo });
    undo.addEventListener("click", () => takeBack(story, undo));
    body.replaceChildren(
      el(
        "ol",
        { className: `panel-steps${story.moving ? " is-moving" : ""}` },
        stepSent(story),
        story.facts ? stepProfile(story) : null,
        story.list ? stepList(story) : null,
      ),
      ...(story.stored && story.event.event_id ? [undo] : []),
    );
  }
  const announce = (text) => {
    panel.querySelector("[data-panel-said]").textContent = text;
  };

  // ---- one event's story
  const ask = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    return answer.json();
  };
  async function tell(event, began, stored) {
    const story = { event, at: Date.now(), sentence: sentence(event), stored, moving: true };
    draw(story);
    if (!stored) return;
    try {
      const facts = await ask(panel.dataset.profile);
      story.profileAfter = performance.now() - began;
      story.facts = factChanges(before.facts, facts);
      story.same = facts.find((fact) => fact.key === "orders" && !story.facts.some((row) => row.after.key === "orders"));
      const places = await ask(panel.dataset.list);
      story.listAfter = performance.now() - began;
      story.list = listChanges(before.places, places);
      for (const place of places) titles.set(place.item_id, place.title);
      before = { facts, places };
    } catch {
      announce(words.failed);
      return;
    }
    draw(story);
    const fresh = story.list.rows.filter((row) => row.by === null).map((row) => row.item_id);
    if (fresh.length || story.list.left.length) announce(say("said", { n: fresh.length, k: story.list.left.length }));
    story.moving = false;
    kept.write("story", story);
    kept.write("new", [...(kept.read("new") || []), ...fresh]);
    if (event.type === "purchase" && wide.matches && panel.hidden) open(null);
  }
  let line = Promise.resolve();
  function sent({ detail, timeStamp }) {
    const began = timeStamp - (detail.milliseconds || 0);
    const event = SAID.map((type) => detail.events.find((one) => one.type === type)).find(Boolean);
    const stored = Boolean(detail.answer) && detail.answer.accepted > 0;
    if (event) line = line.then(() => tell(event, began, stored));
  }
  /** What an event had put into the basket, or taken out of it. */
  function putIn({ type, items = [] }) {
    const sign = { add_to_cart: 1, remove_from_cart: -1 }[type];
    return sign ? Object.fromEntries(items.map((one) => [one.item_id, sign * (one.quantity || 1)])) : {};
  }
  async function takeBack(story, button) {
    button.disabled = true;
    try {
      const answer = await fetch(panel.dataset.undo, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ event_ids: [story.event.event_id], put_in: putIn(story.event) }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      document.getElementById("basket-pill").textContent = (await answer.json()).pill;
      before = { facts: await ask(panel.dataset.profile), places: await ask(panel.dataset.list) };
    } catch {
      button.disabled = false;
      announce(words.failed);
      return;
    }
    kept.write("story", null);
    kept.write("new", []);
    body.replaceChildren(el("p", { className: "panel-note", textContent: words.undone }));
    announce(words.undone);
    for (const list of document.querySelectorAll("shop-recommendations")) list.refresh?.();
  }

  // ---- new cards on the page, until the next page view
  function mark(event) {
    const list = event.target;
    const fresh = kept.read("new") || [];
    if (event.detail.scenario !== "home" || !fresh.length || !list.shadowRoot) return;
    event.detail.items.forEach((item, index) => {
      if (!fresh.includes(item.item_id)) return;
      const card = list.shadowRoot.querySelector(`[part~="item-${index + 1}"]`);
      card?.part.add("is-new");
      const link = card?.querySelector('[part~="link"]') || card;
      const chip = el("span", { textContent: words.new_in_list });
      chip.part.add("badge", "new-chip");
      link?.prepend(chip);
    });
    kept.write("new", []);
  }

  const story = kept.read("story");
  if (story) draw(story);
  if (kept.read("open") && wide.matches) open(null);
  settle();
  const hear = { "rec-ready": ready, "rec-sent": sent };
  for (const name in hear) document.addEventListener(name, hear[name]);
  for (const event of heard) hear[event.type](event);
  return open;
}
