// The few words of the widget itself; sentences on items come with the list.

import { BASE } from "./service.js";

/** Personal, not personal, similar, cart, again, seen; then the labels of the add button, an old price and a row's arrows; then what is neither chosen nor popular. */
const ENGLISH = "Chosen for you|Popular now|Similar things|To go with your basket|Buy again|Recently viewed|Add {} to basket|was|Back|Next|From our range".split("|");
/** Scenarios with a heading of their own, in the order of the words from the second on. */
const OWN = "trending similar cart buy_again recently_viewed".split(" ");

/**
 * The words of a language; other languages than English lie in a file of their own, without which it is English.
 * @param {string} language a tag such as `pl-PL` @returns {Promise<string[]>}
 */
export async function wordsOf(language) {
  const [tag] = /^(pl|ru)/i.exec(language) ?? [];
  return tag ? import(BASE + WORDS_FILE).then((file) => file[tag.toLowerCase()], () => ENGLISH) : ENGLISH;
}

/**
 * What stands above a list the shop gave no heading; a list of a lower rung claims nothing.
 * @param {string[]} said @param {string} scenario @param {{ basis: string, fallback: string | null }} answer
 */
export const headingOf = (said, scenario, { basis, fallback }) =>
  said[fallback ? 10 : OWN.indexOf(scenario) + 1 || Number(basis === "anonymous")];
