"""Cost statements of the demo, in FOCUS 1.0, each in its provider's own way of writing.

AWS leaves nulls empty and writes ISO timestamps in plain CSV; Microsoft writes `NULL`, timestamps
without a zone, and compresses; Lumen Data bills in euros and knows no tags. A price has at most 6
decimals and a quantity 6, so that every cost is exact with 12.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from python_ext.demo_story import FIRST_DAY, FOCUS_STREAM, LAST_DAY, compact_json, random_stream

# The header of a FOCUS 1.0 export, in alphabetical order.
COLUMNS = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
)
NEGATIVE_TENANT = "kestrel-media"
MICRO = Decimal("0.000001")
PICO = Decimal("0.000000000001")


@dataclass(frozen=True)
class Provider:
    """Who sends a statement, and how it writes one."""

    key: str
    name: str
    issuer: str
    currency: str
    account_id: str
    sub_account_id: str
    suffix: str
    null_text: str
    timestamp_format: str


AWS = Provider(
    "aws",
    "AWS",
    "Amazon Web Services, Inc.",
    "USD",
    "104729000017",
    "104729000031",
    "csv",
    "",
    "%Y-%m-%dT%H:%M:%SZ",
)
MICROSOFT = Provider(
    "microsoft",
    "Microsoft",
    "Microsoft",
    "USD",
    "/providers/Microsoft.Billing/billingAccounts/7340021",
    "/subscriptions/5f0c7e1a-0000-4000-8000-000000000001",
    "csv.gz",
    "NULL",
    "%Y-%m-%d %H:%M:%S",
)
LUMEN = Provider(
    "lumen",
    "Lumen Data",
    "Lumen Data",
    "EUR",
    "LD-20417",
    "LD-20417-1",
    "csv",
    "",
    "%Y-%m-%dT%H:%M:%SZ",
)
PROVIDERS = (AWS, MICROSOFT, LUMEN)


@dataclass(frozen=True)
class Product:
    """A provider's service, as priced: `list_price` per unit in the provider's currency."""

    provider: Provider
    service_name: str
    category: str
    resource_type: str
    region: str
    unit: str
    list_price: Decimal
    contracted_ratio: Decimal = Decimal("0.92")
    effective_ratio: Decimal = Decimal("1")


EC2 = Product(
    AWS, "Amazon EC2", "Compute", "Instance", "us-east-1", "Hours", Decimal("0.1920"),
    effective_ratio=Decimal("0.98"),
)  # fmt: skip
S3 = Product(AWS, "Amazon S3", "Storage", "Bucket", "us-east-1", "GB-Months", Decimal("0.0230"))
RDS = Product(AWS, "Amazon RDS", "Databases", "Database", "us-east-1", "Hours", Decimal("0.3560"))
BALANCER = Product(
    AWS, "Elastic Load Balancing", "Networking", "Load balancer", "us-east-1", "LCU-Hours",
    Decimal("0.0080"),
)  # fmt: skip
AWS_SUPPORT = Product(
    AWS, "Support", "Other", "Support plan", "us-east-1", "Months", Decimal("180"), Decimal("1")
)
LEGACY_BATCH = Product(
    AWS, "Amazon Legacy Batch", "Compute", "Job queue", "us-east-1", "Hours", Decimal("0.0960"),
    effective_ratio=Decimal("0.97"),
)  # fmt: skip
AKS = Product(
    MICROSOFT, "Azure Kubernetes Service", "Compute", "Managed cluster", "westeurope", "Hours",
    Decimal("0.2140"), effective_ratio=Decimal("0.99"),
)  # fmt: skip
BLOB = Product(
    MICROSOFT, "Storage Accounts", "Storage", "Storage account", "westeurope", "GB-Months",
    Decimal("0.0184"),
)  # fmt: skip
AZURE_SQL = Product(
    MICROSOFT, "Azure SQL Database", "Databases", "SQL database", "westeurope", "vCore Hours",
    Decimal("0.5044"),
)  # fmt: skip
AZURE_SUPPORT = Product(
    MICROSOFT, "Support", "Other", "Support plan", "westeurope", "Months", Decimal("80"),
    Decimal("1"),
)  # fmt: skip
ENRICHMENT = Product(
    LUMEN, "Lumen Enrichment API", "Other", "API", "eu", "Lookups", Decimal("0.0120"), Decimal("1")
)


RESIDENCIES = {
    "core-eu": "eu-central",
    "packs-eu": "eu-central",
    "kestrel": "eu-central",
    "borealis": "ca-central",
}
"""Cluster -> where its data stay, in the words of the catalogue, for those that promise it."""


@dataclass(frozen=True)
class Resource:
    """Something that costs about `monthly` in its provider's currency; `days` a charge row."""

    product: Product
    name: str
    monthly: Decimal
    days: int = 31
    service: str | None = None
    cluster: str | None = None
    tenant_id: str | None = None
    environment: str = "production"

    def tags(self) -> str | None:
        """The Tags column: JSON, or null for a resource that nobody tagged."""
        tags = {
            "service": self.service,
            "cluster": self.cluster,
            "residency": RESIDENCIES.get(self.cluster or ""),
            "tenant_id": self.tenant_id,
        }
        present = {key: text for key, text in tags.items() if text is not None}
        return compact_json({**present, "env": self.environment}) if present else None


SHARED = (
    Resource(EC2, "policy-a", Decimal(430), 1, "policy-engine", "core-us"),
    Resource(EC2, "workflow-a", Decimal(330), 7, "workflow-engine", "core-us"),
    Resource(S3, "evidence-us", Decimal(300), 7, "evidence-ledger", "core-us"),
    Resource(RDS, "graph-a", Decimal(400), 1, "graph-db", "core-us"),
    Resource(BALANCER, "gateway-a", Decimal(210), 1, "api-gateway", "core-us"),
    Resource(EC2, "policy-staging", Decimal(40), 7, "policy-engine", "core-us-staging",
             environment="staging"),
    Resource(RDS, "graph-staging", Decimal(35), 7, "graph-db", "core-us-staging",
             environment="staging"),
    Resource(AKS, "policy-eu", Decimal(210), 1, "policy-engine", "core-eu"),
    Resource(AKS, "switchboard-eu", Decimal(260), 7, "switchboard", "core-eu"),
    Resource(AKS, "lead-router-eu", Decimal(210), 1, "lead-router", "packs-eu"),
    Resource(AKS, "high-risk-eu", Decimal(360), 1, "high-risk-runner", "packs-eu"),
    Resource(BLOB, "evidence-eu", Decimal(120), 7, "evidence-ledger", "core-eu"),
    Resource(AKS, "packs-staging", Decimal(30), 7, "high-risk-runner", "packs-eu-staging",
             environment="staging"),
)  # fmt: skip
DEDICATED = (
    Resource(RDS, "graph-borealis", Decimal(200), 7, "graph-db", "borealis", "borealis-bank"),
    Resource(EC2, "gov-juniper", Decimal(420), 7, "high-risk-runner", "gov", "juniper-gov"),
    Resource(EC2, "policy-dune", Decimal(260), 7, "policy-engine", "me", "dune-energy"),
    # No service tag: only the rule for a tenant's own resources finds this one.
    Resource(BALANCER, "vpn-harbor", Decimal(90), 7, None, "edge-us", "harbor-insurance"),
)
SUPPORT = (
    Resource(AWS_SUPPORT, "business-support", Decimal(180)),
    Resource(AZURE_SUPPORT, "standard-support", Decimal(80)),
)


def negative_margin_resources(scale: int) -> tuple[Resource, ...]:
    """What makes one small tenant cost more than it pays, however much it uses at this scale."""
    growth = scale - 1
    return (
        Resource(AKS, "switchboard-kestrel", Decimal(900 + 10 * growth), 7, "switchboard",
                 "kestrel", NEGATIVE_TENANT),
        Resource(AZURE_SQL, "graph-kestrel", Decimal(500 + 10 * growth), 7, "graph-db",
                 "kestrel", NEGATIVE_TENANT),
    )  # fmt: skip


PROFITABLE = Resource(
    AKS, "switchboard-kestrel", Decimal(30), 7, "switchboard", "kestrel", NEGATIVE_TENANT
)
"""What the same tenant costs in clean data; support of its provider is shared by such costs."""

ORPHANS = (
    Resource(EC2, "batch-ghost", Decimal(14), 31, "legacy-batch", "legacy", "ghost-co"),
    Resource(LEGACY_BATCH, "batch-old", Decimal(11), 31),
)


OVERAGE_MONTH = datetime(2025, 10, 1, tzinfo=UTC)
OVERAGE_RATIO = Decimal("1.4")
"""What the enrichment API bills in that month, of what it was called."""
PRELIMINARY_MONTH = datetime(2025, 7, 1, tzinfo=UTC)
# In order: category, about how much a month, currency, note.
POOLS = (
    ("support", Decimal(620), "USD", "Service desk"),
    ("development", Decimal(3400), "USD", "Product engineering"),
    ("sales_and_marketing", Decimal(1500), "EUR", "Field sales"),
    ("overhead", Decimal(900), "USD", "Rent and administration"),
)


@dataclass(frozen=True)
class Charge:
    """One row of a statement; costs and prices in the currency of its provider."""

    resource: Resource
    start: datetime
    end: datetime
    billed: Decimal
    effective: Decimal
    listed: Decimal
    contracted: Decimal
    quantity: Decimal | None
    category: str = "Usage"
    frequency: str = "Usage-Based"
    description: str = ""
    pricing_category: str = "Standard"
    commitment_id: str | None = None
    commitment_status: str | None = None
    is_orphan: bool = False


@dataclass
class Totals:
    """What the statements add up to, by currency."""

    rows: int = 0
    billed: dict[str, Decimal] = field(default_factory=dict)
    orphan_rows: int = 0
    orphan_billed: dict[str, Decimal] = field(default_factory=dict)
    orphan_effective: dict[str, Decimal] = field(default_factory=dict)

    def add(self, charge: Charge) -> None:
        """Count one row."""
        currency = charge.resource.product.provider.currency
        self.rows += 1
        _add(self.billed, currency, charge.billed)
        if charge.is_orphan:
            self.orphan_rows += 1
            _add(self.orphan_billed, currency, charge.billed)
            _add(self.orphan_effective, currency, charge.effective)


def write_cost_statements(
    folder: Path, scale: int, clean: bool, calls: Mapping[date, int]
) -> dict[str, object]:
    """Write each provider's statement of each month; returns their part of the expectations.

    `calls` says how often the enrichment API was called, by the first day of the month.
    """
    totals = Totals()
    for index, start in enumerate(_months()):
        end = _next_month(start)
        landed = folder / f"landed={end:%Y%m}05T060000Z"
        landed.mkdir(parents=True)
        charges = list(_month_charges(index, start, end, scale, clean))
        excess = 1 if clean or start != OVERAGE_MONTH else OVERAGE_RATIO
        charges += _call_charges(calls.get(start.date(), 0) * excess, start, end)
        for provider in PROVIDERS:
            own = [charge for charge in charges if charge.resource.product.provider is provider]
            for charge in own:
                totals.add(charge)
            path = landed / f"{provider.key}_{start:%Y-%m}.{provider.suffix}"
            path.write_bytes(_statement(provider, own, start, end))
    preliminary = 0 if clean else _write_preliminary(folder, scale)
    return {
        "focus_rows": totals.rows,
        "superseded_cost_rows": preliminary,
        "third_party_overage_months": [] if clean else [f"{OVERAGE_MONTH:%Y-%m-%d}"],
        "focus_billed_total": _decimal_texts(totals.billed),
        "orphan_cost_rows": totals.orphan_rows,
        "orphan_billed_total": _decimal_texts(totals.orphan_billed),
        "orphan_effective_total": _decimal_texts(totals.orphan_effective),
        "negative_margin_tenants": [] if clean else [NEGATIVE_TENANT],
    }


def write_cost_pools(folder: Path) -> dict[str, object]:
    """Write what no provider bills, a file a month; returns its part of the expectations."""
    totals: dict[str, Decimal] = {}
    rows = 0
    for index, start in enumerate(_months()):
        landed = folder / f"landed={_next_month(start):%Y%m}05T060000Z"
        landed.mkdir(parents=True)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("cost_month", "cost_category", "amount", "currency_code", "note"))
        for category, monthly, currency, note in POOLS:
            amount = monthly * (95 + index) / 100
            writer.writerow((f"{start:%Y-%m}", category, f"{amount:f}", currency, note))
            _add(totals, currency, amount)
            rows += 1
        (landed / f"overheads_{start:%Y-%m}.csv").write_text(text.getvalue())
    return {"cost_pool_rows": rows, "cost_pool_total": _decimal_texts(totals)}


def _write_preliminary(folder: Path, scale: int) -> int:
    """AWS states a month on its 20th, before it is over; its own later statement replaces that."""
    index, start = next(
        (index, start) for index, start in enumerate(_months()) if start == PRELIMINARY_MONTH
    )
    end, until = _next_month(start), start.replace(day=20)
    charges = [
        charge
        for charge in _month_charges(index, start, end, scale, clean=False)
        if charge.resource.product.provider is AWS and charge.end <= until
    ]
    landed = folder / f"landed={until:%Y%m%d}T060000Z"
    landed.mkdir(parents=True)
    (landed / f"aws_{start:%Y-%m}_preliminary.csv").write_bytes(
        _statement(AWS, charges, start, end)
    )
    return len(charges)


def _months() -> Iterator[datetime]:
    month = datetime(FIRST_DAY.year, FIRST_DAY.month, 1, tzinfo=UTC)
    while month.date() <= LAST_DAY:
        yield month
        month = _next_month(month)


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _month_charges(
    index: int, start: datetime, end: datetime, scale: int, clean: bool
) -> Iterator[Charge]:
    """The charges of one month; costs grow by a hundredth a month, support does not."""
    rng = random_stream(FOCUS_STREAM, index)
    growing = [*SHARED, *DEDICATED]
    growing += (PROFITABLE,) if clean else negative_margin_resources(scale)
    for resource in growing:
        grown = replace(resource, monthly=resource.monthly * (95 + index) / 100)
        yield from _usage_charges(rng, grown, start, end)
    for resource in SUPPORT:
        yield _support_charge(resource, start, end)
    yield from _commitment_charges(rng, start, end)
    if index % 3 == 1:
        yield _credit_charge(rng, start, end)
    if not clean:
        for resource in ORPHANS:
            for charge in _usage_charges(rng, resource, start, end):
                yield replace(charge, is_orphan=True)


def _usage_charges(
    rng: np.random.Generator, resource: Resource, start: datetime, end: datetime
) -> Iterator[Charge]:
    """Rows of `resource.days` days each, which add up to about the resource's monthly cost."""
    product = resource.product
    price = product.list_price * product.contracted_ratio
    length = (end - start).days
    for first in range(0, length, resource.days):
        days = min(resource.days, length - first)
        target = resource.monthly * days / length * int(rng.integers(940, 1061)) / 1000
        quantity = (target / price).quantize(MICRO)
        billed = (price * quantity).quantize(PICO)
        yield Charge(
            resource,
            start + timedelta(days=first),
            start + timedelta(days=first + days),
            billed=billed,
            effective=(billed * product.effective_ratio).quantize(PICO),
            listed=(product.list_price * quantity).quantize(PICO),
            contracted=billed,
            quantity=quantity,
            description=f"{product.service_name} {product.unit}, {resource.name}",
        )


def _call_charges(calls: Decimal | int, start: datetime, end: datetime) -> Iterator[Charge]:
    """What the enrichment API bills for calls: by the week, each with a like share of them."""
    weeks = 4
    for week in range(weeks):
        quantity = (Decimal(calls) / weeks).quantize(MICRO)
        billed = quantity * ENRICHMENT.list_price
        yield Charge(
            Resource(ENRICHMENT, "enrichment", Decimal(0), 7),
            start + timedelta(days=7 * week),
            end if week == weeks - 1 else start + timedelta(days=7 * week + 7),
            billed=billed,
            effective=billed,
            listed=billed,
            contracted=billed,
            quantity=quantity,
            description="Lumen Enrichment API lookups",
        )


def _support_charge(resource: Resource, start: datetime, end: datetime) -> Charge:
    cost = resource.monthly
    return Charge(
        resource,
        start,
        end,
        billed=cost,
        effective=cost,
        listed=cost,
        contracted=cost,
        quantity=Decimal(1),
        category="Purchase",
        frequency="Recurring",
        description=f"{resource.product.service_name}, monthly fee",
    )


def _commitment_charges(
    rng: np.random.Generator, start: datetime, end: datetime
) -> Iterator[Charge]:
    """A savings plan: bought as cash, then spent week by week, with a part that nobody uses.

    The effective costs of the used and unused rows add up to the billed cost of the purchase.
    """
    resource = Resource(EC2, "gateway-plan", Decimal(160), 7, "api-gateway", "core-us")
    zero = Decimal(0)
    purchase = Charge(
        resource,
        start,
        end,
        billed=resource.monthly,
        effective=zero,
        listed=resource.monthly,
        contracted=resource.monthly,
        quantity=Decimal(1),
        category="Purchase",
        frequency="Recurring",
        description="Compute savings plan, monthly payment",
        commitment_id=f"sp-{start:%Y}-0001",
    )
    yield purchase
    left = resource.monthly
    for week in range(4):
        week_start = start + timedelta(days=7 * week)
        week_end = end if week == 3 else week_start + timedelta(days=7)
        share = resource.monthly / 4 if week < 3 else left
        used = (share * int(rng.integers(820, 961)) / 1000).quantize(PICO)
        for status, cost in (("Used", used), ("Unused", share - used)):
            yield replace(
                purchase,
                start=week_start,
                end=week_end,
                billed=zero,
                effective=cost,
                listed=(cost * Decimal("1.25")).quantize(PICO) if status == "Used" else zero,
                contracted=cost if status == "Used" else zero,
                quantity=(cost / EC2.list_price).quantize(MICRO) if status == "Used" else None,
                category="Usage",
                frequency="Usage-Based",
                description=f"Compute savings plan, {status.lower()} hours",
                pricing_category="Committed",
                commitment_status=status,
            )
        left -= share


def _credit_charge(rng: np.random.Generator, start: datetime, end: datetime) -> Charge:
    resource = Resource(EC2, "workflow-a", Decimal(0), 31, "workflow-engine", "core-us")
    cost = -Decimal(int(rng.integers(20_000, 40_000))) / 1000
    return Charge(
        resource,
        start,
        end,
        billed=cost,
        effective=cost,
        listed=cost,
        contracted=cost,
        quantity=None,
        category="Credit",
        frequency="One-Time",
        description="Service credit for an outage",
    )


def _statement(
    provider: Provider, charges: Sequence[Charge], start: datetime, end: datetime
) -> bytes:
    """The bytes of one statement file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for charge in charges:
        cells = _cells(charge, start, end)
        row = [cells.get(column) for column in COLUMNS]
        writer.writerow([provider.null_text if cell is None else cell for cell in row])
    content = text.getvalue().encode()
    return gzip.compress(content, mtime=0) if provider.suffix.endswith("gz") else content


def _cells(charge: Charge, month_start: datetime, month_end: datetime) -> dict[str, str | None]:
    """The cells of one row by column; an absent or None cell is null."""
    resource = charge.resource
    product = resource.product
    provider = product.provider
    has_commitment = charge.commitment_id is not None
    is_usage = charge.category == "Usage" and charge.quantity is not None
    has_quantity = charge.quantity is not None
    sku = f"{provider.key}-{product.service_name.lower().replace(' ', '-')}"
    cells: dict[str, str | None] = {
        "BilledCost": _text(charge.billed),
        "BillingAccountId": provider.account_id,
        "BillingAccountName": "Summit",
        "BillingCurrency": provider.currency,
        "BillingPeriodStart": month_start.strftime(provider.timestamp_format),
        "BillingPeriodEnd": month_end.strftime(provider.timestamp_format),
        "ChargeCategory": charge.category,
        "ChargeDescription": charge.description,
        "ChargeFrequency": charge.frequency,
        "ChargePeriodStart": charge.start.strftime(provider.timestamp_format),
        "ChargePeriodEnd": charge.end.strftime(provider.timestamp_format),
        "ConsumedQuantity": _text(charge.quantity) if is_usage else None,
        "ConsumedUnit": product.unit if is_usage else None,
        "ContractedCost": _text(charge.contracted),
        "EffectiveCost": _text(charge.effective),
        "InvoiceIssuerName": provider.issuer,
        "ListCost": _text(charge.listed),
        "PricingCategory": charge.pricing_category,
        "PricingQuantity": _text(charge.quantity),
        "PricingUnit": product.unit if has_quantity else None,
        "ProviderName": provider.name,
        "PublisherName": provider.issuer,
        "RegionId": product.region,
        "RegionName": product.region,
        "ResourceId": f"{provider.sub_account_id}/{resource.name}",
        "ResourceName": resource.name,
        "ResourceType": product.resource_type,
        "ServiceCategory": product.category,
        "ServiceName": product.service_name,
        "SkuId": sku,
        "SkuPriceId": f"{sku}.1",
        "SubAccountId": provider.sub_account_id,
        "SubAccountName": "platform",
        "Tags": resource.tags(),
    }
    if is_usage and not has_commitment:
        cells["ListUnitPrice"] = _text(product.list_price)
        cells["ContractedUnitPrice"] = _text(product.list_price * product.contracted_ratio)
    if has_commitment:
        cells |= {
            "CommitmentDiscountCategory": "Spend",
            "CommitmentDiscountId": charge.commitment_id,
            "CommitmentDiscountName": "Compute savings plan",
            "CommitmentDiscountStatus": charge.commitment_status,
            "CommitmentDiscountType": "Savings Plan",
        }
    return cells


def _text(value: Decimal | None) -> str | None:
    """A decimal without an exponent."""
    return None if value is None else f"{value:f}"


def _add(totals: dict[str, Decimal], currency: str, amount: Decimal) -> None:
    totals[currency] = totals.get(currency, Decimal(0)) + amount


def _decimal_texts(totals: dict[str, Decimal]) -> dict[str, str]:
    return {currency: f"{total.normalize():f}" for currency, total in sorted(totals.items())}
