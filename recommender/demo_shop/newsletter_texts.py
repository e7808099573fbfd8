"""The words of the newsletter's page, in three languages, and how common senders write a field of a contact."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.domain.requests import Language

LANGUAGES = (Language.EN, Language.PL, Language.RU)
TEXTS: Mapping[str, tuple[str, str, str]] = {
    "title": ("Newsletter", "Newsletter", "Рассылка"),
    "intro": (
        "Made just now, from what is in stock at this moment. Choose whose mail to see.",
        "Powstał przed chwilą, z tego, co jest teraz dostępne. Wybierz, czyją pocztę zobaczyć.",
        "Составлено только что из того, что есть в наличии. Выберите, чьё письмо показать.",
    ),
    "reader": ("Customer", "Klient", "Покупатель"),
    "stranger": ("An address of nobody", "Adres niczyj", "Адрес без владельца"),
    "language": ("Language of the mail", "Język wiadomości", "Язык письма"),
    "size": ("Things", "Liczba rzeczy", "Сколько вещей"),
    "show": ("Show the mail", "Pokaż wiadomość", "Показать письмо"),
    "subject": ("Subject", "Temat", "Тема"),
    "beside": ("Beside it", "Obok tematu", "Рядом с темой"),
    "weight": ("Size", "Rozmiar", "Размер"),
    "kilobytes": ("{n} kB", "{n} kB", "{n} кБ"),
    "general": (
        "This customer has chosen general news, so everybody sees these things.",
        "Ten klient wybrał ogólne nowości, więc każdy widzi te rzeczy.",
        "Этот покупатель выбрал общие новости, поэтому эти вещи видят все.",
    ),
    "again": ("Give personal picks again", "Przywróć wybór osobisty", "Вернуть личную подборку"),
    "wide": ("600 wide", "Szerokość 600", "Ширина 600"),
    "narrow": ("360 wide", "Szerokość 360", "Ширина 360"),
    "frame": ("The mail, {n} pixels wide", "Wiadomość, szerokość {n} pikseli", "Письмо, ширина {n} пикселей"),
    "take": ("Take it along", "Do użycia", "Забрать с собой"),
    "html": ("HTML block", "Blok HTML", "Блок HTML"),
    "html_text": (
        "The items alone, to be pasted into a mail of yours. The addresses are this customer’s own and hold no number and no name.",
        "Same rzeczy, do wklejenia we własną wiadomość. Adresy należą do tego klienta i nie zawierają numeru ani nazwiska.",
        "Только вещи, чтобы вставить в своё письмо. Адреса принадлежат этому покупателю и не содержат ни номера, ни имени.",
    ),
    "copy": ("Copy the HTML", "Kopiuj HTML", "Скопировать HTML"),
    "copied": ("Copied.", "Skopiowano.", "Скопировано."),
    "plain": ("Plain text", "Tekst", "Текст"),
    "picks": ("Picks", "Wybór", "Подборка"),
    "picks_text": (
        (
            "One row per customer with title, link, picture, price and reason of each thing, and the two addresses of their mail. "
            "Here for the customers of this demonstration; for the whole shop:"
        ),
        (
            "Jeden wiersz na klienta: nazwa, link, obraz, cena i uzasadnienie każdej rzeczy oraz dwa adresy wiadomości. "
            "Tu dla klientów tej demonstracji; dla całego sklepu:"
        ),
        (
            "Одна строка на покупателя: название, ссылка, картинка, цена и причина каждой вещи и два адреса письма. "
            "Здесь для покупателей этой демонстрации; для всего магазина:"
        ),
    ),
    "csv": ("Download CSV", "Pobierz CSV", "Скачать CSV"),
    "jsonl": ("Download JSON Lines", "Pobierz JSON Lines", "Скачать JSON Lines"),
    "tags": ("Merge tags", "Pola", "Поля"),
    "tags_text": (
        "Import the file, keep the letters after /newsletter/ of html_url in a field rec_token, then write:",
        "Zaimportuj plik, zapisz litery po /newsletter/ z html_url w polu rec_token, a potem wpisz:",
        "Импортируйте файл, сохраните буквы после /newsletter/ из html_url в поле rec_token, затем впишите:",
    ),
    "tool": ("Tool", "Narzędzie", "Сервис"),
    "field": ("A field, here the first title", "Pole, tu pierwsza nazwa", "Поле, здесь первое название"),
    "fetched": ("Fetched when the mail is sent", "Pobierane przy wysyłce", "Загружается при отправке"),
    "no_fetch": ("not per person: use fields", "nie dla osoby: użyj pól", "не для человека: используйте поля"),
}


@dataclass(frozen=True, slots=True)
class MailWords:
    """The words of one language; the template calls it ``n``."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """A text with its gaps filled."""
        return TEXTS[key][LANGUAGES.index(self.language)].format(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """How a sender writes a field, and fetches a letter at the time of sending; ``fetch`` None: not per person."""

    name: str
    field: str
    fetch: str | None = None


def tools(base: str) -> tuple[Tool, ...]:
    """Senders whose way of writing we are sure of, with addresses beginning with ``base``."""
    at = f"{base}/v1/newsletter/"
    return (
        Tool(name="ActiveCampaign", field="%P1_TITLE%"),
        Tool(
            name="Braze",
            field="{{custom_attribute.${p1_title}}}",
            fetch=f"{{% connected_content {at}{{{{custom_attribute.${{rec_token}}}}}}.json :save mail %}} "
            "{{mail.items[0].title}}",
        ),
        Tool(name="Brevo", field="{{ contact.P1_TITLE }}"),
        Tool(name="Customer.io", field="{{customer.p1_title}}"),
        Tool(name="Dotdigital", field="@P1_TITLE@", fetch=f"{at}@REC_TOKEN@.html?part=block"),
        Tool(name="GetResponse", field='{{CUSTOM "p1_title"}}'),
        Tool(name="HubSpot", field="{{ contact.p1_title }}"),
        Tool(name="Klaviyo", field="{{ person|lookup:'p1_title' }}"),
        Tool(name="Mailchimp", field="*|P1TITLE|*"),
        Tool(name="MailerLite", field="{$p1_title}"),
        Tool(name="Mailjet", field='{{data:p1_title:""}}'),
        Tool(name="SendGrid", field="{{p1_title}}"),
    )
