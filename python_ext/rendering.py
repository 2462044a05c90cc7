"""An issued document as a page to send: HTML by Jinja2 and PDF by Typst, from the same sheet.

The same document makes the same bytes: fonts come from packages and never from the machine, and the
PDF is dated by the document's issue.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst
from jinja2 import Environment, PackageLoader, StrictUndefined

from python_ext.document_sheets import Around, Sheet, sheet

FONTS = ("fontpkg_inter", "noto_cjk_sans_jp_regular")
"""Packages that hold font files: Latin, Greek and Cyrillic; Chinese, Japanese and Korean."""

TEMPLATES = files("python_ext") / "templates"


@dataclass(frozen=True)
class Rendered:
    """A document as one HTML file without others beside it, and as a PDF file."""

    html: str
    pdf: bytes


def render(
    body: Mapping[str, Any], digest: str, around: Around | None = None, logo: str | None = None
) -> Rendered:
    """Render a document from its body as it is landed, under the digest of its text.

    `logo` is the text of an SVG file; without one, a mark is drawn from the seller's name. Raises
    MeterhouseError where the body's amounts are not of its currency, or the annex not of its lines.
    """
    made = sheet(body, digest, around or Around())
    return Rendered(html(made, logo), pdf(made, logo))


def html(made: Sheet, logo: str | None = None) -> str:
    """One file that needs no other: what customers wrote is escaped, and nothing in it runs."""
    image = f"data:image/svg+xml;base64,{b64encode(logo.encode()).decode()}" if logo else ""
    return _environment().get_template("document.html.jinja").render(sheet=made, logo=image)


def pdf(made: Sheet, logo: str | None = None) -> bytes:
    """A PDF/A-2 with selectable text and embedded fonts."""
    issued_at = datetime.fromisoformat(made.issued_at)
    compiled = typst.compile(
        (TEMPLATES / "document.typ").read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs=typst_inputs(made, logo),
        timestamp=issued_at,
        pdf_standards="a-2a",
    )
    assert isinstance(compiled, bytes)
    return compiled


def typst_inputs(made: Sheet, logo: str | None = None) -> dict[str, str]:
    """What the template reads; data is JSON, so no text of a document is ever taken for markup."""
    return {"sheet": json.dumps(asdict(made), ensure_ascii=False), "logo": logo or ""}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("python_ext"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(files(package)) for package in FONTS],
    )
