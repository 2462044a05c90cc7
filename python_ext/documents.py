"""What is landed when a period is closed or a document issued: canonical text under a digest.

A line of `locks/` and `issued/` is `{"digest":"<SHA-256 of the body's text>","body":<body>}`. The
body is canonical JSON: keys sorted, no blanks, UTF-8 without escapes, amounts as decimal text, so
that anybody can check a digest with standard tools. What was written is never written again.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


def plain(value: Decimal, decimals: int | None = None) -> str:
    """A decimal as text without an exponent: at `decimals`, else without trailing zeros.

    Raises ValueError where it has more decimals than that: a document never rounds.
    """
    if decimals is None:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    cut = value.quantize(Decimal(1).scaleb(-decimals))
    if cut != value:
        raise ValueError(f"{value} has more than {decimals} decimals")
    return f"{cut:f}"


def canonical(body: Mapping[str, Any]) -> str:
    """The text that a digest stands for. Instants are UTC; a float has no place in it."""
    return json.dumps(
        body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_text
    )


def signed_line(body: Mapping[str, Any]) -> str:
    """A line of a landed file: the body under the digest of its text."""
    text = canonical(body)
    return f'{{"digest":"{hashlib.sha256(text.encode()).hexdigest()}","body":{text}}}\n'


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the body's text."""
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def land(folder: Path, stamp: datetime, name: str, lines: Iterable[str]) -> Path:
    """Write a file below `folder/landed=STAMP/`, whole or not at all, and return its path.

    A file that is there already stays, and is an error: FileExistsError.
    """
    path = folder / f"landed={stamp:%Y%m%dT%H%M%SZ}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())
        os.link(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no canonical text")
