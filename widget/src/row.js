// The arrows of a row. Fetched by rows only, while their list is on its way.

import { make } from "./card.js";

/** The row of each list is looked at once: whom an observer looks at already, it would not look at anew. @type {WeakMap<Element, ResizeObserver>} */
const watched = new WeakMap();

/**
 * Two buttons, disabled at the ends.
 * @param {HTMLElement} list @param {string[]} words of texts.js
 */
export function arrowsOf(list, words) {
  const [back, on] = [-1, 1].map((way) => {
    const arrow = make("button", way < 0 ? { part: "previous", "aria-label": words[8] } : { part: "next", "aria-label": words[9] }, way < 0 ? "←" : "→");
    arrow.onclick = () => list.scrollBy({ left: 0.8 * way * list.clientWidth * (arrow.matches(":dir(rtl)") ? -1 : 1) });
    return /** @type {HTMLButtonElement} */ (arrow);
  });
  const look = () => {
    const at = Math.abs(list.scrollLeft);
    back.disabled = at < 6;
    on.disabled = at + list.clientWidth > list.scrollWidth - 6;
  };
  watched.get(list)?.disconnect();
  const ends = new ResizeObserver(look);
  watched.set(list, ends);
  list.onscroll = look;
  ends.observe(list);
  return make("span", {}, back, on);
}
