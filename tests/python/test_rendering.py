"""Documents as HTML and PDF: what is on them, for whom, and that nothing is lost on the way."""

import json
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from python_ext import annexes, rendering
from python_ext.annexes import Explanation, Step
from python_ext.document_sheets import DRAFT, VOID, Around
from python_ext.errors import MeterhouseError
from python_ext.locale_text import LocaleText, locale_of
from tests.python.documents import Body, bodies, body, line

DIGEST = "0123456789abcdef" * 4
ANNEX_LINE = {"receipt_id": "5" * 64, "exact_amount": "3.204", "price_amount": "3.20"}


class Text(HTMLParser):
    """What a reader of a page sees, cell by cell."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style" and data.strip():
            self.parts.append(plain(data.strip()))


def plain(text: str) -> str:
    """Text with common blanks, as one reads it."""
    return re.sub(r"[\u00a0\u202f\s]+", " ", text)


def seen(html: str) -> list[str]:
    parser = Text()
    parser.feed(html)
    return parser.parts


def pages(pdf: bytes) -> list[str]:
    return [plain(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def render(made: Body, around: Around | None = None) -> rendering.Rendered:
    return rendering.render(made, DIGEST, around)


def of(locale: str | None, country: str = "DE", **values: Any) -> dict[str, Any]:
    """A tenant that reads documents in a locale."""
    return body()["tenant"] | {"locale": locale, "country_code": country} | values


def explanation(**values: Any) -> Explanation:
    """What the only line of `explained` stands on: 500 are free, 200.25 at 0.016 are 3.204."""
    made = Explanation(
        line_id="d1-l1",
        rated_usage_id="ru1",
        plan_line_id="saas@1:decisions",
        plan_version_id="saas@1",
        meter_id="policy_decisions",
        charge_model="graduated",
        version=1,
        unit="decision",
        quantity=Decimal("700.250000000"),
        billable_quantity=Decimal("200.250000000"),
        event_count=1234,
        first_event=(datetime(2026, 3, 1, 8, 12), "evt-first"),
        last_event=(datetime(2026, 3, 30, 18, 1), "evt-last"),
        starts_at=datetime(2026, 3, 1),
        ends_at=datetime(2026, 4, 1),
        steps=(
            Step("tier", 1, None, Decimal("200.25"), Decimal("0.02"), Decimal(0), Decimal("4.005")),
            Step("discount", None, "launch", None, Decimal("0.2"), None, Decimal("-0.801")),
        ),
        net_amount=Decimal("3.204"),
        line_amount=Decimal("3.20"),
        receipt_id="5" * 64,
    )
    return replace(made, **values)


def explained(**values: Any) -> Body:
    return body(lines=[line(1, "3.20", **ANNEX_LINE | values)], tenant=of("en_US"))


@pytest.mark.parametrize(
    ("locale", "currency", "minor_unit", "amount", "money"),
    [
        ("de_DE", "EUR", 2, "1234567.80", "1.234.567,80 €"),
        ("en_US", "USD", 2, "1234567.80", "$1,234,567.80"),
        ("en-US", "USD", 2, "-0.50", "-$0.50"),
        ("fr_FR", "EUR", 2, "1234567.80", "1 234 567,80 €"),
        ("ja_JP", "JPY", 0, "1234567", "￥1,234,567"),
        ("de_CH", "CHF", 2, "-1234.50", "CHF-1’234.50"),  # noqa: RUF001
        (None, "KWD", 3, "1.250", "KWD 1.250"),
        (None, "JPY", 2, "1.25", "¥1.25"),  # the catalogue says how many decimals
        ("fr_FR", "EUR", 2, "9" * 26 + ".99", f"{int('9' * 26):,}".replace(",", " ") + ",99 €"),
    ],
)
def test_money_is_written_as_its_reader_writes_it_to_the_last_digit(
    locale: str | None, currency: str, minor_unit: int, amount: str, money: str
) -> None:
    text = LocaleText(locale_of(locale, None), currency, minor_unit)
    assert plain(text.money(Decimal(amount))) == money


def test_a_country_without_a_locale_reads_english_as_it_is_written_there() -> None:
    names = [str(locale_of(None, country)) for country in ("DE", "GB", "KW", None)]
    assert names == ["en_DE", "en_GB", "en", "en"]


@given(st.decimals(-(10**20), 10**20, places=9), st.sampled_from(["de_DE", "en_US", "fr_FR"]))
@example(Decimal("-0.000000001"), "en_US")
def test_no_number_loses_a_digit(number: Decimal, locale: str) -> None:
    text = LocaleText(locale_of(locale, None), "EUR", 2)
    group, point = {"de_DE": ".,", "en_US": ",.", "fr_FR": " ,"}[locale]
    for written in (text.number(number), text.price(number)):
        assert Decimal(plain(written).replace(group, "").replace(point, ".")) == number


def test_a_half_open_range_is_its_first_and_last_day() -> None:
    text = LocaleText(locale_of("de_DE", None), "EUR", 2)
    march = datetime(2026, 3, 1), datetime(2026, 4, 1)
    assert text.period(*march) == "01.03.2026 – 31.03.2026"  # noqa: RUF001
    assert text.period(march[0], datetime(2026, 3, 2)) == "01.03.2026"
    assert text.period(march[0], march[0]) == "01.03.2026"
    tokyo = datetime(2026, 2, 28, 15), datetime(2026, 3, 31, 15)
    assert text.period(*tokyo) == "2026-02-28 15:00 UTC – 2026-03-31 15:00 UTC"  # noqa: RUF001


def test_an_amount_is_never_rounded_to_fit_its_currency() -> None:
    with pytest.raises(MeterhouseError, match=r"3\.205 has more than 2 decimals"):
        render(body(lines=[line(1, "3.205")]))


@given(bodies())
@settings(max_examples=40)
def test_every_amount_of_the_body_is_on_the_page(made: Body) -> None:
    parts = seen(rendering.render(made, DIGEST).html)
    text = LocaleText(
        locale_of(made["tenant"]["locale"], None), made["currency_code"], made["minor_unit"]
    )
    for each in made["lines"]:
        assert plain(text.amount(Decimal(each["amount"]))) in parts
        assert plain(text.number(Decimal(each["quantity"]))) in parts
    for tax in made["taxes"]:
        assert plain(text.amount(Decimal(tax["tax_amount"]))) in parts
    for name in ("subtotal_amount", "tax_amount", "total_amount", "amount_due"):
        is_shown = name != "tax_amount" or made["taxes"]
        assert plain(text.money(Decimal(made[name]))) in parts or not is_shown


@given(bodies(max_lines=3))
@settings(max_examples=10)
def test_html_and_pdf_say_the_same(made: Body) -> None:
    rendered = rendering.render(made, DIGEST)
    paper = "".join(pages(rendered.pdf)).replace(" ", "").lower()
    for part in seen(rendered.html):
        assert part.replace(" ", "").lower() in paper


def test_three_hundred_lines_are_all_there_under_a_head_on_every_page() -> None:
    names = ["CompanyOS Core"] * 200 + ["RevOps"] * 100
    lines = [
        line(n, f"{n}.07", description=f"Line called {n}", pack_name=names[n - 1], pack_id="p")
        for n in range(1, 301)
    ]
    made = body(lines=lines, tenant=of("en_US"))
    paper = pages(render(made).pdf)
    assert len(paper) > 5
    for number, text in enumerate(paper, 1):
        assert f"Page {number} of {len(paper)}" in text
        assert f"SHA-256 {DIGEST}" in text and "Invoice EU-d1" in text
        if "Line called" in text:
            assert "DESCRIPTION QUANTITY UNIT PRICE TAX AMOUNT, EUR" in text
            assert "CompanyOS Core" in text or "RevOps" in text
    together = " ".join(paper)
    for n in range(1, 301):
        assert f"{n} Line called {n} 700 {n}.07" in together
    # What a pack comes to stands where it begins and nowhere else.
    assert together.count(f"{sum(range(1, 201)) + 200 * Decimal('0.07'):,.2f}") == 1
    assert "continued" in together


def test_what_a_customer_wrote_is_text_and_nothing_else() -> None:
    evil = '<script>alert("1")</script> #panic() *bold* $x$ <img src=x onerror=alert(1)> {{ 7*7 }}'
    made = body(
        lines=[line(1, "3.20", description=evil, pack_name=evil)],
        tenant=of("en_US", tenant_name=evil, address=f"{evil}\nBerlin", tax_number=evil),
        document_number=evil,
        contract_id=evil,
    )
    rendered = render(made)
    parser = Text()
    parser.feed(rendered.html)
    assert not {"script", "img"} & set(parser.tags)
    assert parser.parts.count(evil) >= 4
    paper = "".join(pages(rendered.pdf)).replace(" ", "")
    assert paper.count(evil.replace(" ", "")) >= 4


def test_words_of_any_length_and_script_are_on_the_page() -> None:
    words = "Donaudampfschifffahrtsgesellschaft" * 6
    scripts = "Größe Привет Ελλάδα 株式会社 중앙 中文"
    lines = [line(1, "3.20", description=words), line(2, "3.20", description=scripts)]
    rendered = render(body(lines=lines, tenant=of("de_DE", tenant_name=words)))
    (paper,) = pages(rendered.pdf)
    assert paper.replace(" ", "").count(words) == 2
    assert scripts.replace(" ", "") in paper.replace(" ", "")
    assert "\u200b" not in paper
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in PdfReader(BytesIO(rendered.pdf)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert {re.sub(r"^/\w+\+", "", name).split("-")[0] for name in fonts} >= {"Inter"}
    assert any("NotoSansCJKjp" in name for name in fonts)


def test_the_same_document_makes_the_same_bytes() -> None:
    first, second = render(explained(), Around([explanation()])), None
    rendering._fonts.cache_clear()
    second = render(json.loads(json.dumps(explained())), Around([explanation()]))
    assert first == second
    stated = PdfReader(BytesIO(first.pdf)).metadata
    assert stated is not None and stated["/CreationDate"] == "D:20260402100000Z"
    assert stated["/Title"] == "Invoice EU-d1"


def test_an_invoice_says_how_to_pay_it() -> None:
    seller = body()["issuing_entity"] | {
        "iban": "NL91ABNA0417164300",
        "bic": "ABNANL2A",
        "bank_name": "Voorbeeld Bank",
        "email": "billing@summit.example",
    }
    parts = seen(render(body(issuing_entity=seller)).html)
    for text in ("NL91 ABNA 0417 1643 00", "ABNANL2A", "Voorbeeld Bank", "billing@summit.example"):
        assert text in parts
    assert "Net 30 days, by 02.05.2026" in parts and "Due 02.05.2026" in parts


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"document_kind": "debit_memo", "memo_reason": "late"}, ["Debit memo", "3,20 €"]),
        ({"memo_reason": "a flood", "document_kind": "debit_memo"}, ["Reason: a flood."]),
        ({"is_internal": True}, ["Internal invoice", "Charged internally"]),
        ({"version": 2}, ["2, replaces EU-before"]),
        ({"credits_applied_amount": "3.20"}, ["-3,20 €", "It is paid in full from your balance."]),
        (
            {
                "credits_applied_amount": "1.20",
                "credits_applied": [{"grant_id": "gift", "amount": "1.20"}],
            },
            ["Paid from balance: gift", "-1,20 €", "2,00 €"],
        ),
        ({"usd_per_unit": None}, ["3,20 €"]),
        ({}, ["Exchange rate for reporting: 1 EUR is 1,168 USD; the total is 4,45 USD."]),
    ],
)
def test_a_document_says_what_it_is(values: dict[str, Any], told: list[str]) -> None:
    parts = seen(render(body(**values), Around(replaces="EU-before")).html)
    for text in told:
        assert text in parts


def test_a_credit_memo_is_signed_and_asks_for_nothing() -> None:
    made = body(
        "m1",
        [line(1, "-100.00", "m1", corrects_invoice_id="i-d1", corrects_version=1)],
        {"0.19": "-19.00"},
        document_kind="credit_memo",
        invoice_id=None,
        version=None,
        memo_reason="agreed",
    )
    parts = seen(render(made, Around(corrects={("i-d1", 1): "EU-000017"})).html)
    assert [text for text in parts if text in TITLES][:2] == ["Credit memo", "EU-000017"]
    assert parts.count("-119,00 €") == 3 and "-19,00" in parts
    assert "Nothing to pay" in parts and "Payment" not in parts and "Due date" not in parts


TITLES = {"Invoice", "Credit memo", "EU-000017"}


def test_an_invoice_of_nothing_says_so() -> None:
    zero = dict.fromkeys(("subtotal_amount", "total_amount", "tax_amount"), "0.00")
    rendered = render(body(lines=[], **zero))
    for parts in (seen(rendered.html), pages(rendered.pdf)):
        together = " ".join(parts)
        assert "No charges in this period." in together and "0,00 €" in together
        assert "Nothing to pay" in together and "IBAN" not in together


@pytest.mark.parametrize("stamp", [DRAFT, VOID])
def test_what_is_not_to_be_paid_is_stamped(stamp: str) -> None:
    rendered = render(body(), Around(stamp=stamp))
    assert stamp in seen(rendered.html) and stamp in pages(rendered.pdf)[0]
    assert "Payment" not in seen(rendered.html)
    assert ("As of" in seen(rendered.html)) == (stamp == DRAFT)


def test_taxes_stand_by_rate_with_their_reasons() -> None:
    def tax(name: str, ratio: str, treatment: str, taxable: str, amount: str) -> dict[str, str]:
        return {
            "tax_name": name,
            "tax_ratio": ratio,
            "tax_treatment": treatment,
            "taxable_amount": taxable,
            "tax_amount": amount,
        }

    taxes = [
        tax("State", "0.08875", "standard", "100.00", "8.88"),
        tax("VAT", "0", "reverse_charge", "50.00", "0.00"),
        tax("None", "0", "exempt", "20.00", "0.00"),
    ]
    lines = [line(1, "170.00", taxes=taxes, price_amount="178.88")]
    made = body(lines=lines, tenant=of("en_US")) | {"taxes": taxes, "tax_amount": "8.88"}
    parts = seen(render(made).html)
    assert parts.count("8.875%") == 2  # on the line and in the table
    for text in (
        "Reverse charge: the recipient accounts for the tax.",
        "Exempt from tax.",
        "Prices include tax; the amounts above are without it.",
        "8.88",
    ):
        assert text in parts


def test_lines_stand_by_pack_and_those_without_one_at_last() -> None:
    lines = [
        line(1, "1.00", pack_name="RevOps", pack_id="revops"),
        line(2, "2.00", pack_name=None, pack_id=None),
        line(3, "4.50", pack_name="RevOps", pack_id="revops"),
    ]
    parts = seen(render(body(lines=lines)).html)
    assert parts.index("RevOps") < parts.index("Other")
    assert parts[parts.index("RevOps") + 1] == "5,50" and parts[parts.index("Other") + 1] == "2,00"


def test_the_annex_explains_a_line_step_by_step() -> None:
    rendered = render(explained(), Around([explanation()]))
    parts = seen(rendered.html)
    for text in (
        "saas@1:decisions, graduated",
        "policy_decisions, in decision",
        "700.25",
        "500 free or capped, 200.25 billable",
        "500",
        "200.25",
        "1,234",
        "2026-03-01 08:12 UTC, evt-first",
        "2026-03-30 18:01 UTC, evt-last",
        "Tier 1",
        "0.02",
        "4.005",
        "Discount launch, 20%",
        "-0.801",
        "3.204",
        f"Receipt {'5' * 64}",
    ):
        assert text in parts
    paper = pages(rendered.pdf)
    assert len(paper) == 2 and "Usage annex" in paper[1] and f"Receipt {'5' * 64}" in paper[1]


@pytest.mark.parametrize(
    "annex", [[explanation(line_amount=Decimal("3.21"))], [explanation(line_id="d1-l2")]]
)
def test_an_annex_of_other_amounts_or_lines_is_refused(annex: list[Explanation]) -> None:
    with pytest.raises(MeterhouseError, match="the usage annex does not add up"):
        render(explained(), Around(annex))


def usage(**values: Any) -> dict[str, dict[str, Any]]:
    """A row of rated usage that makes `explanation`, by its id."""
    made = explanation()
    row = {name: getattr(made, name) for name in SAME} | {
        "segment_start_at": made.starts_at,
        "segment_end_at": made.ends_at,
        "steps": [
            {"step_kind": step.kind}
            | {name: value for name, value in vars(step).items() if name != "kind"}
            for step in made.steps
        ],
        "first_event_at": datetime(2026, 3, 1, 8, 12),
        "first_event_id": "evt-first",
        "last_event_at": datetime(2026, 3, 30, 18, 1),
        "last_event_id": "evt-last",
    }
    return {"ru1": row | values}


SAME = (
    *("rated_usage_id", "plan_line_id", "plan_version_id", "meter_id", "charge_model", "version"),
    *("unit", "quantity", "billable_quantity", "event_count", "net_amount", "receipt_id"),
)


def test_an_annex_is_read_from_what_is_rated() -> None:
    assert annexes.explain(explained(), usage(), "EU-d1") == (explanation(),)


@pytest.mark.parametrize(
    ("found", "lines", "message"),
    [
        ({}, {}, "rated usage ru1 is not there"),
        (usage(net_amount=Decimal("3.3")), {}, "its steps make 3.204, and it is rated 3.3"),
        (usage(steps=[]), {}, "its steps make 0, and it is rated 3.204"),
        (usage(), {"exact_amount": "3.2"}, "it was issued for 3.2, and is rated 3.204"),
        (usage(), {"price_amount": "3.22"}, "3.22 is not 3.204 rounded"),
        (usage(receipt_id="6" * 64), {}, "it is rated under another receipt"),
    ],
)
def test_an_annex_that_would_explain_another_amount_is_refused(
    found: dict[str, dict[str, Any]], lines: dict[str, str], message: str
) -> None:
    with pytest.raises(MeterhouseError, match=re.escape(message)) as refused:
        annexes.explain(explained(**lines), found, "EU-d1")
    assert "EU-d1, line 1" in str(refused.value)


def test_a_memo_has_no_annex_for_its_lines_are_differences() -> None:
    assert annexes.explain(explained() | {"document_kind": "credit_memo"}, {}, "EU-d1") == ()


def test_a_logo_stands_in_for_the_mark() -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'
    rendered = rendering.render(body(), DIGEST, logo=logo)
    assert (
        'src="data:image/svg+xml;base64,' in rendered.html and 'class="mark"' not in rendered.html
    )
    assert rendered.pdf != render(body()).pdf
