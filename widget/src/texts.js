// The few words of the widget itself; sentences on items come with the list.

import { BASE } from "./service.js";

/** Personal, not personal, similar, cart, again, seen; then the labels of the add button, an old price and a row's arrows. */
const ENGLISH = "Chosen for you|Popular now|Similar things|To go with your basket|Buy again|Recently viewed|Add {} to basket|was|Back|Next".split("|");
const OWN = ["similar", "cart", "buy_again", "recently_viewed"];

/**
 * The words of a language; other languages than English lie in a file of their own, without which it is English.
 * @param {string} language a tag such as `pl-PL` @returns {Promise<string[]>}
 */
export async function wordsOf(language) {
  const [tag] = /^(pl|ru)/i.exec(language) ?? [];
  return tag ? import(BASE + WORDS_FILE).then((file) => file[tag.toLowerCase()], () => ENGLISH) : ENGLISH;
}

/**
 * What stands above a list the shop gave no heading.
 * @param {string[]} said @param {string} scenario @param {string} basis
 */
export const headingOf = (said, scenario, basis) =>
  said[OWN.includes(scenario) ? OWN.indexOf(scenario) + 2 : Number(scenario === "trending" || basis === "anonymous")];
