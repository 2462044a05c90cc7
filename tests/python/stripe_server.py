"""A small server on loopback that keeps Stripe's rules where an export can break them.

Kept: idempotency (an answer is given again, a 500 too, and another body is refused), whole minor
units, three-decimal currencies with a last digit of 0, 250 items, only drafts change, finalise,
void, credit notes no larger than their invoice, customer balance, unique numbers, metadata limits.
"""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ZERO_DECIMALS = {"jpy", "krw", "vnd"}
THREE_DECIMALS = {"kwd", "bhd", "omr"}

Thing = dict[str, Any]


class RefusedError(Exception):
    """An answer of 4xx."""

    def __init__(
        self, message: str, status: int = 400, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


@dataclass
class Fault:
    """What goes wrong at the next POST whose path matches, once.

    what: `429`, `409`; `500` before anything is done; `500_done` after; `hang` (no answer in time,
    nothing done); `hang_done`; `drop_done` (the connection breaks after the work).
    """

    what: str
    path: str = ".*"
    skip: int = 0


@dataclass
class Stripe:
    """The account: things by id, answers by key, faults to come, and what was asked."""

    things: dict[str, Thing] = field(default_factory=dict)
    answers: dict[str, tuple[str, str, int, bytes]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    posts: list[tuple[str, str]] = field(default_factory=list)
    executed: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    hang_seconds: float = 0.6
    retry_after: str = "3"
    address: str = ""

    def all(self, kind: str) -> list[Thing]:
        """Things of a kind (their `object`), oldest first."""
        return [thing for thing in self.things.values() if thing["object"] == kind]

    def forget_keys(self) -> None:
        """As after a day."""
        self.answers.clear()

    def post(self, path: str, params: Thing) -> Thing:
        for pattern, method in (
            (r"/v1/customers", self._customer),
            (r"/v1/customers/(\w+)/balance_transactions", self._balance),
            (r"/v1/invoices", self._invoice),
            (r"/v1/invoiceitems", self._item),
            (r"/v1/invoices/(\w+)/finalize", self._finalise),
            (r"/v1/invoices/(\w+)/void", self._void),
            (r"/v1/credit_notes", self._note),
            (r"/v1/credit_notes/(\w+)/void", self._void_note),
        ):
            if match := re.fullmatch(pattern, path):
                check_metadata(params)
                return method(*match.groups(), params)
        raise RefusedError(f"Unrecognized request URL (POST: {path})", 404)

    def get(self, path: str, query: dict[str, str]) -> Thing:
        if match := re.fullmatch(r"/v1/(?:invoices|credit_notes)/(\w+)", path):
            return self._known(match[1])
        kinds = {
            "customers": "customer",
            "invoices": "invoice",
            "invoiceitems": "invoiceitem",
            "credit_notes": "credit_note",
            "balance_transactions": "customer_balance_transaction",
        }
        wanted = {name: query[name] for name in ("customer", "invoice") if name in query}
        if match := re.fullmatch(r"/v1/customers/(\w+)/balance_transactions", path):
            wanted["customer"] = match[1]
        found = [
            thing
            for thing in reversed(self.all(kinds[path.rpartition("/")[2]]))
            if all(thing.get(name) == value for name, value in wanted.items())
        ]
        if after := query.get("starting_after"):
            found = found[[thing["id"] for thing in found].index(after) + 1 :]
        limit = int(query.get("limit", "10"))
        return {"object": "list", "data": found[:limit], "has_more": len(found) > limit}

    def _known(self, name: str) -> Thing:
        if name not in self.things:
            raise RefusedError(f"No such object: {name}", 404)
        return self.things[name]

    def _new(self, prefix: str, kind: str, **values: Any) -> Thing:
        name = f"{prefix}_{len(self.things) + 1}"
        self.things[name] = {"id": name, "object": kind, **values}
        return self.things[name]

    def _customer(self, params: Thing) -> Thing:
        return self._new("cus", "customer", balance={}, **params)

    def _balance(self, customer: str, params: Thing) -> Thing:
        amount, currency = minor(params, "amount"), params["currency"]
        balance = self._known(customer)["balance"]
        balance[currency] = balance.get(currency, 0) + amount
        made = {"customer": customer, "amount": amount, "metadata": params["metadata"]}
        return self._new("cbtxn", "customer_balance_transaction", **made)

    def _invoice(self, params: Thing) -> Thing:
        self._known(params["customer"])
        if any(params["number"] == other["number"] for other in self.all("invoice")):
            raise RefusedError(f"An invoice with the number {params['number']} already exists.")
        if params["collection_method"] != "send_invoice" or int(params["days_until_due"]) < 0:
            raise RefusedError("days_until_due is for collection_method=send_invoice")
        return self._new(
            "in", "invoice", **params | {"status": "draft", "total": 0, "amount_remaining": 0}
        )

    def _item(self, params: Thing) -> Thing:
        invoice = self._known(params["invoice"])
        if invoice["status"] != "draft":
            raise RefusedError("The specified invoice is not a draft, so it cannot be changed.")
        if len([x for x in self.all("invoiceitem") if x["invoice"] == invoice["id"]]) >= 250:
            raise RefusedError("You cannot add more than 250 items to an invoice.")
        if params["currency"] != invoice["currency"]:
            raise RefusedError("The currency is not that of the invoice.")
        if int(params["period"]["end"]) < int(params["period"]["start"]):
            raise RefusedError("The period ends before it starts.")
        amount = self._item_amount(params)
        invoice["total"] += amount
        return self._new("ii", "invoiceitem", **params | {"amount": amount})

    def _item_amount(self, params: Thing) -> int:
        if "amount" in params:
            if params.keys() & {"quantity", "quantity_decimal", "unit_amount_decimal"}:
                raise RefusedError("You may only specify one of amount and unit_amount_decimal.")
            return minor(params, "amount")
        price = decimal(params, "unit_amount_decimal")
        if "quantity" in params:
            quantity = Decimal(minor(params | {"currency": "usd"}, "quantity"))
        else:
            quantity = decimal(params, "quantity_decimal")
        if quantity < 0:
            raise RefusedError("The quantity must not be negative.")
        return minor({"amount": str(round(price * quantity))} | params, "amount")

    def _finalise(self, name: str, _: Thing) -> Thing:
        invoice = self._known(name)
        if invoice["status"] != "draft":
            raise RefusedError("This invoice is already finalized.")
        if not any(item["invoice"] == name for item in self.all("invoiceitem")):
            raise RefusedError("Nothing to invoice for customer")
        balance = self._known(invoice["customer"])["balance"]
        currency, total = invoice["currency"], invoice["total"]
        used = max(min(-balance.get(currency, 0), total), 0) if total >= 0 else total
        balance[currency] = balance.get(currency, 0) + used
        invoice["from_balance"] = used
        invoice["amount_remaining"] = total - used
        invoice["status"] = "open" if total > used else "paid"
        return invoice

    def _void(self, name: str, _: Thing) -> Thing:
        invoice = self._known(name)
        if invoice["status"] != "open":
            raise RefusedError(f"You can not void an invoice that is {invoice['status']}.")
        if any(n["invoice"] == name and n["status"] != "void" for n in self.all("credit_note")):
            raise RefusedError("You can not void an invoice with credit notes.")
        balance = self._known(invoice["customer"])["balance"]
        balance[invoice["currency"]] -= invoice["from_balance"]
        invoice["status"] = "void"
        return invoice

    def _note(self, params: Thing) -> Thing:
        invoice = self._known(params["invoice"])
        if invoice["status"] not in ("open", "paid"):
            raise RefusedError("A credit note needs an open or paid invoice.")
        currency = {"currency": invoice["currency"]}
        lines = [minor(line | currency, "unit_amount") for line in params["lines"]]
        if min(lines) <= 0:
            raise RefusedError("A line of a credit note must be greater than 0.")
        total = sum(lines)
        before = sum(n["total"] for n in self.all("credit_note") if n["invoice"] == invoice["id"])
        if before + total > invoice["total"]:
            raise RefusedError("The credit notes are larger than the invoice.")
        paid_back = total - min(total, invoice["amount_remaining"])
        if int(params.get("out_of_band_amount", 0)) != paid_back:
            raise RefusedError(f"The sum of refund, credit and out-of-band must be {paid_back}.")
        invoice["amount_remaining"] -= total - paid_back
        return self._new("cn", "credit_note", **params | {"total": total, "status": "issued"})

    def _void_note(self, name: str, _: Thing) -> Thing:
        note = self._known(name)
        if note["status"] == "void":
            raise RefusedError("This credit note is already void.")
        note["status"] = "void"
        return note


def check_metadata(params: Thing) -> None:
    for metadata in (params.get("metadata", {}), *(x.get("metadata", {}) for x in lines(params))):
        long = [key for key, value in metadata.items() if len(key) > 40 or len(value) > 500]
        if long or len(metadata) > 50:
            raise RefusedError(f"Metadata is too large: {long}")


def lines(params: Thing) -> list[Thing]:
    return params.get("lines", [])


def minor(params: Thing, name: str) -> int:
    text, currency = params[name], params["currency"]
    if not re.fullmatch(r"-?\d+", text):
        raise RefusedError(f"Invalid integer: {text}")
    if currency in THREE_DECIMALS and int(text) % 10:
        raise RefusedError(f"The last digit of {text} {currency} must be 0.")
    return int(text)


def decimal(params: Thing, name: str) -> Decimal:
    if not re.fullmatch(r"-?\d+([.]\d{1,12})?", params[name]):
        raise RefusedError(f"Invalid decimal: {params[name]}")
    return Decimal(params[name])


def decode(text: str) -> Thing:
    """Form fields such as metadata[a] and lines[0][type] as nested objects and lists."""
    result: Thing = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+", name)
        here, key = result, first
        for part in rest:
            here = here.setdefault(key, {})
            key = part
        here[key] = value
    for name, value in result.items():
        if isinstance(value, dict) and value and all(key.isdigit() for key in value):
            result[name] = [value[key] for key in sorted(value, key=int)]
    return result


class Handler(BaseHTTPRequestHandler):
    """HTTP on the outside, `Stripe` on the inside."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the acknowledgement of its headers
    account: Stripe

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        with self.account.lock:
            try:
                self._answer(200, self.account.get(url.path, dict(parse_qsl(url.query))))
            except RefusedError as error:
                self._refuse(error)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        key = self.headers.get("Idempotency-Key") or ""
        account = self.account
        with account.lock:
            if self.headers.get("Authorization") != "Bearer sk_test_1":
                return self._refuse(RefusedError("Invalid API Key provided", 401))
            account.posts.append((self.path, key))
            fault = self._fault()
            if fault == "429":
                self._answer(429, failure("Too many requests", "rate_limit_error"), retry=True)
                return None
            if fault == "409":
                return self._refuse(RefusedError("The key is in use", 409, "idempotency_error"))
            if fault != "hang":
                answer = self._perform(key, body, fault)
        if fault in ("hang", "hang_done"):
            time.sleep(account.hang_seconds)
            self.close_connection = True
        elif fault == "drop_done":
            self.close_connection = True
        else:
            self._send(*answer)
        return None

    def _perform(self, key: str, body: str, fault: str) -> tuple[int, bytes, bool]:
        account = self.account
        if key in account.answers:
            path, former, status, text = account.answers[key]
            if (path, former) != (self.path, body):
                error = failure("Keys are for the same request only", "idempotency_error")
                return 400, json.dumps(error).encode(), False
            return status, text, True
        status, thing = 500, failure("Something is broken", "api_error")
        if fault != "500":
            try:
                made = account.post(self.path, decode(body))
            except RefusedError as error:
                return error.status, json.dumps(failure(str(error), error.kind)).encode(), False
            account.executed[key.partition(":")[0]] += 1
            if fault != "500_done":
                status, thing = 200, made
        text = json.dumps(thing).encode()
        account.answers[key] = (self.path, body, status, text)
        return status, text, False

    def _fault(self) -> str:
        for fault in self.account.faults:
            if re.fullmatch(fault.path, self.path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                self.account.faults.remove(fault)
                return fault.what
        return ""

    def _refuse(self, error: RefusedError) -> None:
        self._answer(error.status, failure(str(error), error.kind))

    def _answer(self, status: int, body: Thing, retry: bool = False) -> None:
        self._send(status, json.dumps(body).encode(), False, retry)

    def _send(self, status: int, text: bytes, replayed: bool, retry: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if replayed:
            self.send_header("Idempotent-Replayed", "true")
        if retry:
            self.send_header("Retry-After", self.account.retry_after)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def failure(message: str, kind: str) -> Thing:
    return {"error": {"message": message, "type": kind}}


@contextmanager
def serve() -> Iterator[Stripe]:
    """An empty account, served on a free port of loopback while the block runs."""
    account = Stripe()
    handler = type("AccountHandler", (Handler,), {"account": account})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(
        target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    account.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield account
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
