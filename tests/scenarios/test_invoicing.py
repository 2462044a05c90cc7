"""From close to cash: what is issued stays, and what comes after is a memo, a version or a payment."""

from decimal import Decimal
from io import StringIO
from typing import Any

from rich.console import Console

from python_ext import billing
from python_ext.billing import Act, Authority, Books
from python_ext.runner import Scope
from tests.scenarios.conftest import Warehouse, event

INVOICING = Scope(select=("+path:models/10_invoicing",), is_checked=False)
