// The few words of the widget itself; sentences on items come with the list.

/** Personal, not personal, similar, cart, again, seen; then the add button's label, an old price's, and the arrows'. */
const WORDS = {
  en: "Chosen for you|Popular now|Similar things|To go with your basket|Buy again|Recently viewed|Add {} to basket|was|Back|Further",
  pl: "Wybrane dla Ciebie|Popularne teraz|Podobne rzeczy|Pasuje do koszyka|Kup ponownie|Ostatnio oglądane|Dodaj do koszyka: {}|poprzednio|Wstecz|Dalej",
  ru: "Подобрано для вас|Популярно сейчас|Похожее|К вашей корзине|Купить снова|Недавно просмотренное|Добавить в корзину: {}|раньше|Назад|Дальше",
};
const OWN = ["similar", "cart", "buy_again", "recently_viewed"];

/** @param {string} language a tag such as `pl-PL` */
export const words = (language) => (/** @type {Record<string, string>} */ (WORDS)[language.slice(0, 2).toLowerCase()] ?? WORDS.en).split("|");

/**
 * What stands above a list the shop gave no heading.
 * @param {string[]} said @param {string} scenario @param {string} [basis]
 */
export const headingOf = (said, scenario, basis = "anonymous") =>
  said[OWN.includes(scenario) ? OWN.indexOf(scenario) + 2 : Number(scenario === "trending" || basis === "anonymous")];
