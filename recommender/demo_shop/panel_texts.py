"""Words of the panel and the list of people, in three languages; numbers and days with their plural forms.

Names of items and shelves are never inflected; Polish and Russian have no gendered past tense.
"""

from collections.abc import Mapping
from typing import Final

from recommender.domain.plurals import plural
from recommender.domain.requests import Language

EN: Final = Language.EN
PL: Final = Language.PL
RU: Final = Language.RU

Said = Mapping[Language, str]

SHELVES: Mapping[str, Said] = {
    "Home": {EN: "Home", PL: "Dom", RU: "Дом"},
    "Kitchen": {EN: "Kitchen", PL: "Kuchnia", RU: "Кухня"},
    "Stationery & craft": {EN: "Stationery & craft", PL: "Papeteria i rękodzieło", RU: "Канцелярия и рукоделие"},
    "Candles & lighting": {EN: "Candles & lighting", PL: "Świece i światło", RU: "Свечи и свет"},
    "Jewellery & hair": {EN: "Jewellery & hair", PL: "Biżuteria i włosy", RU: "Украшения и волосы"},
    "Seasonal": {EN: "Seasonal", PL: "Święta", RU: "Праздники"},
    "Children": {EN: "Children", PL: "Dla dzieci", RU: "Детям"},
    "Cards & gift wrap": {EN: "Cards & gift wrap", PL: "Kartki i opakowania", RU: "Открытки и упаковка"},
    "Party": {EN: "Party", PL: "Przyjęcia", RU: "Для праздника"},
    "Bags": {EN: "Bags", PL: "Torby", RU: "Сумки"},
    "Bath & personal care": {EN: "Bath & personal care", PL: "Kąpiel i pielęgnacja", RU: "Ванна и уход"},
    "Garden": {EN: "Garden", PL: "Ogród", RU: "Сад"},
    "Accessories & travel": {EN: "Accessories & travel", PL: "Dodatki i podróże", RU: "Аксессуары и путешествия"},
    "Gifts": {EN: "Gifts", PL: "Prezenty", RU: "Подарки"},
}
"""Top-level categories of the bundled shop."""

ORDERS: Mapping[Language, Mapping[str, str]] = {
    EN: {"one": "{n} order", "other": "{n} orders"},
    PL: {"one": "{n} zamówienie", "few": "{n} zamówienia", "many": "{n} zamówień"},
    RU: {"one": "{n} заказ", "few": "{n} заказа", "many": "{n} заказов"},
}
DAYS: Mapping[Language, Mapping[str, str]] = {
    EN: {"one": "quiet for {n} day", "other": "quiet for {n} days"},
    PL: {"one": "ostatnie {n} dzień temu", "few": "ostatnie {n} dni temu", "many": "ostatnie {n} dni temu"},
    RU: {"one": "последний {n} день назад", "few": "последний {n} дня назад", "many": "последний {n} дней назад"},
}
LATELY: tuple[Said, Said] = (
    {EN: "the last one today", PL: "ostatnie dzisiaj", RU: "последний сегодня"},
    {EN: "the last one yesterday", PL: "ostatnie wczoraj", RU: "последний вчера"},
)


def counted(table: Mapping[Language, Mapping[str, str]], n: int, language: Language) -> str:
    """The sentence for a number."""
    return table[language][plural(language, n)].format(n=n)


def orders(n: int, language: Language) -> str:
    """How many orders."""
    return counted(ORDERS, n, language)


def days_ago(days: int, language: Language) -> str:
    """On which day the last order was: today, yesterday, or so many days before."""
    return LATELY[days][language] if days < len(LATELY) else counted(DAYS, days, language)


def shelf(name: str, language: Language) -> str:
    """A shelf's name; the shop's own where it has no other."""
    return SHELVES.get(name, {}).get(language, name)


FACTS: Mapping[str, Said] = {
    "views": {EN: "Things looked at", PL: "Oglądane rzeczy", RU: "Просмотрено вещей"},
    "sessions_7d": {EN: "Visits in 7 days", PL: "Wizyty w 7 dni", RU: "Визитов за 7 дней"},
    "open_cart_items": {EN: "Waiting in the basket", PL: "Czeka w koszyku", RU: "Ждёт в корзине"},
    "orders": {EN: "Orders", PL: "Zamówienia", RU: "Заказы"},
    "spend": {EN: "Spent in all", PL: "Wydane łącznie", RU: "Потрачено всего"},
    "typical_price": {EN: "Usual price of a thing", PL: "Zwykła cena rzeczy", RU: "Обычная цена вещи"},
    "due_in_days": {
        EN: "Days until the next order is due",
        PL: "Dni do następnego zamówienia",
        RU: "Дней до следующего заказа",
    },
    "views_per_session": {EN: "Looks in a visit", PL: "Obejrzane w jednej wizycie", RU: "Просмотров за визит"},
    "interest": {EN: "Interest: {shelf}", PL: "Zainteresowanie: {shelf}", RU: "Интерес: {shelf}"},
}
"""What a fact of the profile is called in the panel; ``interest`` is one for each shelf."""

PANEL: Mapping[str, Said] = {
    "title": {EN: "What just happened", PL: "Co się stało", RU: "Что произошло"},
    "close": {EN: "Close", PL: "Zamknij", RU: "Закрыть"},
    "empty": {
        EN: "Look at a thing, or put one in the basket. You will see here what we noticed, and what it changed.",
        PL: "Obejrzyj coś lub włóż do koszyka. Tu widać, co zauważyliśmy i co to zmieniło.",
        RU: "Посмотрите вещь или положите её в корзину. Здесь видно, что мы заметили и что изменилось.",
    },
    "sent": {EN: "You sent", PL: "Wysłane", RU: "Отправлено"},
    "profile": {EN: "Your profile changed", PL: "Zmiana w profilu", RU: "Профиль изменился"},
    "profile_same": {EN: "Your profile is as it was", PL: "Profil bez zmian", RU: "Профиль прежний"},
    "list": {EN: "Your list changed", PL: "Zmiana na liście", RU: "Список изменился"},
    "list_same": {EN: "Your list is as it was", PL: "Lista bez zmian", RU: "Список прежний"},
    "after": {EN: "after {time}", PL: "po {time}", RU: "через {time}"},
    "view_item": {EN: "You looked at: {item}", PL: "Oglądane: {item}", RU: "Просмотр: {item}"},
    "add_to_cart": {EN: "Into the basket: {item}", PL: "Do koszyka: {item}", RU: "В корзину: {item}"},
    "remove_from_cart": {EN: "Out of the basket: {item}", PL: "Z koszyka: {item}", RU: "Из корзины: {item}"},
    "purchase": {EN: "Ordered: {item}", PL: "Zamówione: {item}", RU: "Заказано: {item}"},
    "more_items": {EN: "{item} and {n} more", PL: "{item} i jeszcze {n}", RU: "{item} и ещё {n}"},
    "consent_yes": {EN: "consent: yes", PL: "zgoda: tak", RU: "согласие: да"},
    "not_stored": {
        EN: "Nothing was stored. The page itself said what you look at.",
        PL: "Niczego nie zapisano. To sama strona powiedziała, co oglądasz.",
        RU: "Ничего не сохранено. Страница сама сказала, что вы смотрите.",
    },
    "refused": {
        EN: "The service did not take it.",
        PL: "Usługa tego nie przyjęła.",
        RU: "Сервис этого не принял.",
    },
    "json": {EN: "Show JSON", PL: "Pokaż JSON", RU: "Показать JSON"},
    "more": {EN: "and {n} more", PL: "i jeszcze {n}", RU: "и ещё {n}"},
    "no_change": {EN: "{value} – no change", PL: "{value} – bez zmian", RU: "{value} – без изменений"},
    "no_data": {EN: "not known", PL: "nieznane", RU: "неизвестно"},
    "changed": {
        EN: "Chosen for you: {n} new, {m} moved, {k} left",
        PL: "Wybrane dla Ciebie. Nowe: {n}, przesunięte: {m}, zniknęło: {k}",
        RU: "Подобрано для вас. Новых: {n}, сдвинулось: {m}, ушло: {k}",
    },
    "new": {EN: "new", PL: "nowe", RU: "новое"},
    "left": {EN: "left", PL: "zniknęło", RU: "ушло"},
    "cause": {EN: "{item} is new. {reason}.", PL: "Nowe: {item}. {reason}.", RU: "Новое: {item}. {reason}."},
    "new_in_list": {EN: "new in your list", PL: "nowe na liście", RU: "новое в списке"},
    "undo": {EN: "Undo", PL: "Cofnij", RU: "Отменить"},
    "undone": {
        EN: "Taken back. Nothing of it is kept.",
        PL: "Cofnięte. Nic z tego nie zostało.",
        RU: "Отменено. Ничего не осталось.",
    },
    "failed": {
        EN: "That did not work. Try again.",
        PL: "Nie udało się. Spróbuj ponownie.",
        RU: "Не получилось. Повторите.",
    },
    "said": {
        EN: "List updated: {n} new, {k} left.",
        PL: "Lista zaktualizowana. Nowe: {n}, zniknęło: {k}.",
        RU: "Список обновлён. Новых: {n}, ушло: {k}.",
    },
    "simulated_pill": {EN: "simulated", PL: "symulowane", RU: "смоделировано"},
    "simulated": {
        EN: "Earlier browsing of this customer is simulated; the orders are real.",
        PL: "Wcześniejsze przeglądanie tego klienta jest symulowane; zamówienia są prawdziwe.",
        RU: "Прежние просмотры этого покупателя смоделированы; заказы настоящие.",
    },
}
"""Everything else the panel says; the page carries the sentences of its language to the script."""
