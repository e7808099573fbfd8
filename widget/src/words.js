// The widget's words in the languages beside English, in the order of texts.js.

export const pl =
  "Wybrane dla Ciebie|Popularne teraz|Podobne rzeczy|Pasuje do koszyka|Kup ponownie|Ostatnio oglądane|Dodaj do koszyka: {}|poprzednio|Wstecz|Dalej|Z naszej oferty".split("|");

export const ru =
  "Подобрано для вас|Популярно сейчас|Похожее|К вашей корзине|Купить снова|Недавно просмотренное|Добавить в корзину: {}|раньше|Назад|Дальше|Из нашего ассортимента".split("|");
