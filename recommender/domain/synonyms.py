"""What other systems call our fields: Google Merchant, GA4, Segment, web shops' exports, Polish and Russian sheets.

Names are compared by :func:`plain`: lower case, without accents, spaces and punctuation.
"""

from collections.abc import Mapping

from recommender.domain.folding import folded


def plain(name: str) -> str:
    """``Customer ID``, ``customer_id`` and ``CustomerID`` alike: ``customerid``."""
    return "".join(c for c in folded(name) if c.isalnum())


Synonyms = Mapping[str, frozenset[str]]


def _table(**fields: str) -> Synonyms:
    return {name: frozenset(plain(word) for word in words.split()) for name, words in fields.items()}


EVENT_SYNONYMS = _table(
    type="event event_name event_type action action_type activity behavior behaviour kind interaction "
    "feedback_type typ zdarzenie typ_zdarzenia "
    "событие тип_события",
    timestamp="ts time date datetime date_time created created_at event_time event_timestamp event_date "
    "timestamp_ms timestamp_us "
    "occurred_at invoice_date order_date order_time purchase_date transaction_date transaction_timestamp purchased_at ordered_at "
    "data data_zamowienia czas kiedy дата время дата_заказа",
    visitor_id="visitor user_pseudo_id anonymous_id client_id cookie_id device_id browser_id fullVisitorId "
    "odwiedzajacy посетитель",
    customer_id="customer user user_id userid client klient id_klienta klient_id nr_klienta buyer buyer_id "
    "account_id member_id household_id "
    "клиент клиент_id id_клиента покупатель customer_number customer_no",
    item_id="item product product_id article article_id sku stock_code stockcode asin item_code product_code item_sku variant_id "
    "produkt produkt_id id_produktu towar towar_id id_towaru kod_produktu kod_towaru indeks товар товар_id id_товара артикул",
    quantity="qty units count ilosc sztuk szt liczba_sztuk количество кол_во",
    price="unit_price item_price price_per_unit unitprice cena cena_jednostkowa цена цена_за_единицу",
    currency="currency_code price_currency waluta валюта",
    order_id="order order_no order_number invoice invoice_no invoice_number invoice_id transaction_id transactionid basket_id "
    "purchase_id receipt_id zamowienie id_zamowienia nr_zamowienia numer_zamowienia faktura nr_faktury paragon "
    "заказ номер_заказа id_заказа",
    session_id="session ga_session_id visit_id sesja id_sesji сессия",
    event_id="eventid message_id insert_id id_zdarzenia",
    value="amount total order_total order_value total_price total_amount revenue grand_total sum suma kwota "
    "wartosc razem сумма итого",
)

ITEM_SYNONYMS = _table(
    item_id="id item product product_id article article_id sku stock_code stockcode item_code product_code asin "
    "produkt_id id_produktu towar_id "
    "id_towaru kod_produktu kod_towaru kod indeks id_товара артикул товар_id",
    title="name item_name product_name product_title nazwa nazwa_produktu tytul название наименование",
    url="link product_url product_link item_url adres ссылка",
    image="image_link image_url img picture photo thumbnail zdjecie obrazek картинка фото",
    price="regular_price list_price unit_price cena цена",
    currency="currency_code price_currency waluta валюта",
    sale_price="special_price promo_price discounted_price cena_promocyjna цена_со_скидкой",
    availability="stock_status dostepnosc наличие",
    stock="stock_quantity inventory inventory_quantity quantity qty on_hand stan stan_magazynowy ilosc остаток количество",
    visible="active enabled published is_visible is_active widoczny aktywny видимый",
    category="product_type category_path categories category_name item_category kategoria категория",
    brand="manufacturer vendor item_brand producer marka producent бренд производитель",
    item_group_id="group_id parent_id parent_sku product_group_id",
    color="colour kolor цвет",
    size="rozmiar размер",
    description="long_description opis описание",
    added_at="created_at date_added published_at created first_sold data_dodania дата_добавления",
    available_from="availability_date dostepny_od",
    available_until="expiration_date dostepny_do",
    margin="profit_margin marza маржа",
)

CUSTOMER_SYNONYMS = _table(
    customer_id="id customer user user_id userid client client_id klient id_klienta klient_id nr_klienta buyer_id "
    "account_id member_id customer_number "
    "клиент id_клиента клиент_id",
    email="e_mail mail email_address adres_email почта",
    name="full_name fullname customer_name display_name imie_i_nazwisko фио",
    first_name="firstname given_name forename imie имя",
    last_name="lastname surname family_name nazwisko фамилия",
    phone="phone_number telephone mobile tel telefon телефон",
    birth_date="birthday birthdate date_of_birth dob data_urodzenia дата_рождения",
    gender="sex plec пол",
    country="country_code country_name kraj страна",
    city="town miasto miejscowosc город",
    postal_code="postcode zip zip_code postalcode kod_pocztowy индекс",
    language="lang locale language_code jezyk язык",
    consent_time="consent_at consent_date data_zgody",
)
