"""Sending the requests of an outbox to Stripe, through Stripe's own client, each of them once.

Stripe keeps the answer to a key for a day and gives it again, a 500 too. So:

- No answer, 429, 409 or a new 500: the same request with the same key again, after a pause.
- A 500 given again, or a key that may have been forgotten: look whether the thing is there. Where
  it is not, the request goes out under the next key.
- A refusal: look whether the thing is there with our key in its metadata, which is as good as
  delivered. Where it is not, a MeterhouseError says what Stripe said.

An invoice is finalised only if Stripe adds it up to the document's total. Source: Stripe's pages
on idempotent requests and advanced error handling (API v1).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe

from python_ext.errors import MeterhouseError
from python_ext.export_stripe import KEY_NAME, Params, resolve
from python_ext.outbox import Entry, Outbox, State, key_of

API_BASE = "https://api.stripe.com"
KEY_LIFE = timedelta(hours=23)
"""Stripe forgets a key after a day at the earliest; an hour is for the clocks."""

PAGE = 100


@dataclass(frozen=True)
class Pace:
    """How long to wait for an answer, how often to try, and how long to pause (seconds).

    The pause doubles from `first_pause` up to `longest_pause`; Stripe's Retry-After counts where
    it asks for more.
    """

    timeout: float = 80
    tries: int = 8
    first_pause: float = 0.5
    longest_pause: float = 60


@dataclass(frozen=True)
class Pushed:
    """What was done: requests that arrived now, and those that had before."""

    delivered: int
    before: int


class Pusher:
    """Sends what is in an outbox. `sleep` and `now` stand for the clock.

    `api_key` is Stripe's secret key; `api_base` the address of the API.
    """

    def __init__(
        self,
        api_key: str,
        api_base: str = API_BASE,
        pace: Pace | None = None,
        sleep: Callable[[float], object] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pace = pace or Pace()
        self._sleep = sleep
        self._now = now
        stripe.enable_telemetry = False
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base},
            http_client=stripe.RequestsClient(timeout=self._pace.timeout),
            max_network_retries=0,  # what is tried again is decided here, where it is written down
        )

    def push(self, outbox: Outbox) -> Pushed:
        """Send everything that has not arrived, in order.

        Raises MeterhouseError where Stripe refuses or does not answer; what arrived until then is
        written down, and the next push goes on after it.
        """
        remote_ids = outbox.remote_ids()
        before = len(remote_ids)
        for entry in outbox.unfinished():
            remote_id = self._deliver(outbox, entry, remote_ids)
            outbox.mark_delivered(entry.request.request_id, remote_id)
            remote_ids[entry.request.request_id] = remote_id
        return Pushed(len(remote_ids) - before, before)

    def _deliver(self, outbox: Outbox, entry: Entry, remote_ids: dict[str, str]) -> str:
        request = entry.request
        attempt, first_sent_at = entry.attempt, entry.first_sent_at
        if entry.state is State.SENT and entry.sent_path and first_sent_at:
            path, params = entry.sent_path, entry.sent_params or {}
            if self._now() - first_sent_at > KEY_LIFE:
                if found := self._find(entry, path, params):
                    return found
                attempt, first_sent_at = attempt + 1, self._now()
        else:
            path, params = resolve(request, remote_ids)
            params = self._completed(entry, path, params)
            first_sent_at = self._now()
        while True:
            outbox.mark_sent(request.request_id, path, params, first_sent_at, attempt)
            key = key_of(request, attempt)
            try:
                return str(self._post(path, params, key, request.request_id)["id"])
            except _SavedFailureError:
                if found := self._find(entry, path, params):
                    return found
                attempt, first_sent_at = attempt + 1, self._now()
                if attempt - entry.attempt >= self._pace.tries:
                    raise _given_up(request.request_id, "it failed each time") from None
            except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
                if found := self._find(entry, path, params):
                    return found
                if isinstance(error, stripe.InvalidRequestError):
                    outbox.mark_refused(request.request_id)
                raise _refused(request.request_id, error) from None

    def _completed(self, entry: Entry, path: str, params: Params) -> Params:
        """What only Stripe knows at the time: does the invoice add up, and what of it is open."""
        if entry.request.kind == "finalise":
            invoice = self._get(path.removesuffix("/finalize"), {})
            if invoice["total"] != entry.request.total:
                raise MeterhouseError(
                    entry.request.request_id,
                    f"Stripe adds invoice {invoice['id']} up to {invoice['total']}, and the"
                    f" document to {entry.request.total}; it is not finalised",
                    "look for items that were added to the draft by hand, and remove them",
                )
        if entry.request.kind == "note" and entry.request.total is not None:
            invoice = self._get(f"/v1/invoices/{params['invoice']}", {})
            paid_back = entry.request.total - max(0, invoice["amount_remaining"])
            if paid_back > 0:
                return params | {"out_of_band_amount": paid_back}
        return params

    def _find(self, entry: Entry, path: str, params: Params) -> str | None:
        """Stripe's id of what a request makes or does, if that is made or done already."""
        kind = entry.request.kind
        if kind in ("finalise", "void", "void_note"):
            thing = self._get(path.rpartition("/")[0], {})
            is_void = thing["status"] == "void"
            is_done = thing["status"] != "draft" if kind == "finalise" else is_void
            return str(thing["id"]) if is_done else None
        scope = {name: params[name] for name in ("customer", "invoice") if name in params}
        if kind == "item":
            scope = {"invoice": params["invoice"]}
        after: Params = {}
        while True:
            page = self._get(path, {"limit": PAGE} | scope | after)
            for thing in page["data"]:
                if (thing.get("metadata") or {}).get(KEY_NAME) == entry.request.key:
                    return str(thing["id"])
            if not page["has_more"]:
                return None
            after = {"starting_after": page["data"][-1]["id"]}

    def _post(self, path: str, params: Params, key: str, name: str) -> dict[str, Any]:
        return self._call("post", path, params | {"idempotency_key": key}, name)

    def _get(self, path: str, params: Params) -> dict[str, Any]:
        try:
            return self._call("get", path, params, path)
        except stripe.InvalidRequestError as error:
            raise MeterhouseError(
                path,
                f"Stripe does not give it ({error.user_message})",
                "what was delivered must not be deleted at Stripe",
            ) from None

    def _call(self, method: str, path: str, params: Params, name: str) -> dict[str, Any]:
        """One call, tried again while that can help. Raises MeterhouseError when it did not."""
        pause = self._pace.first_pause
        said = ""
        for _ in range(self._pace.tries):
            try:
                answer: Any = self._client.raw_request(method, path, **params)
            except (stripe.AuthenticationError, stripe.PermissionError) as error:
                raise MeterhouseError(
                    "STRIPE_API_KEY",
                    f"Stripe does not accept the key ({error.user_message})",
                    "set a secret key that may write customers, invoices and credit notes",
                ) from None
            except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
                if error.http_status != 409:
                    raise
                said = str(error.user_message)
            except stripe.StripeError as error:
                headers = {key.lower(): value for key, value in (error.headers or {}).items()}
                status = error.http_status or 0
                if status >= 500 and headers.get("idempotent-replayed") == "true":
                    raise _SavedFailureError from None
                if status and status not in (409, 429) and status < 500:
                    raise MeterhouseError(
                        name, f"Stripe refused it ({error.user_message})", "correct the cause"
                    ) from None
                said = str(error.user_message)
                pause = max(pause, _seconds(headers.get("retry-after")))
            else:
                return dict(answer.data)
            self._sleep(pause)
            pause = min(2 * pause, self._pace.longest_pause)
        raise _given_up(name, said)


class _SavedFailureError(Exception):
    """Stripe keeps a 500 for this key: asking again gives the same answer for a day."""


def _refused(name: str, error: stripe.StripeError) -> MeterhouseError:
    if isinstance(error, stripe.IdempotencyError):
        return MeterhouseError(
            name,
            f"Stripe knows its key with another content ({error.user_message})",
            "find out which other outbox sent to this account",
        )
    return MeterhouseError(
        name,
        f"Stripe refused it ({error.user_message})",
        "correct the cause, and push again; what has arrived is not sent again",
    )


def _given_up(name: str, said: str) -> MeterhouseError:
    return MeterhouseError(
        name,
        f"Stripe did not take it after several tries (the last answer: {' '.join(said.split())})",
        "push again later; it goes on where it stopped",
    )


def _seconds(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0
