// Lists of the recommender in a shop's page, and the shop's GA4 pushes as their event feed. Loading it twice is harmless.

import { listen } from "./page.js";
import { ShopRecommendations as Made } from "./element.js";

const NAME = "shop-recommendations";

if (!customElements.get(NAME)) {
  listen();
  customElements.define(NAME, Made);
}

export const ShopRecommendations = /** @type {typeof Made} */ (customElements.get(NAME));
/** @type {any} */ (window).ShopRecommendations ??= ShopRecommendations;
