"""All cases through one build, and what came out beside what was expected."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from python_ext import runner
from python_ext.billing import INVOICING, Books
from python_ext.errors import MeterhouseError
from python_ext.runner import Scope
from python_ext.settings import from_environment
from tests.conformance import cost_figures, credits, recurring_figures, recurring_stage
from tests.conformance.cases import Case
from tests.conformance.cost_stage import tenant_ids
from tests.conformance.expectations import at_most
from tests.conformance.names import grant_of, meter_of, plan_line_of, provider_of, tenant_of
from tests.conformance.scene import Column, Figure, OutOfScopeError, Scene
from tests.conformance.stage import land, lay_out
from tests.conformance.translate import translate

SELECT = (
    *INVOICING,
    "+fct_fee_changes",
    "+fct_meter_readings",
    "+fct_rated_breakdown",
    "+fct_rejected_events",
    "+fct_cost_allocations",
    "+fct_cost_statement_rows",
    "+fct_unallocated_costs",
    "+fct_rejected_cost_rows",
)
"""What is built: whatever a figure is read from, with the checks on the way.

All that commands read is, so that the first of them has nothing to build.
"""

RECURRING = (
    "+rpt_mrr_rollforward",
    "+rpt_revenue_retention",
    "+rpt_customer_cohorts",
    "+rpt_customer_lifetime_value",
    "+rpt_acquisition_payback",
    "+rpt_unit_economics",
)
"""What is built besides where a scene is about recurring revenue."""

LINE = (
    " where usage.is_current and usage.tenant_id = $tenant and usage.plan_line_id = $plan_line"
    " and usage.segment_start_at = $segment"
)
STEP = (
    " from fct_rated_breakdown as step"
    f" inner join fct_rated_usage as usage using (rated_usage_id){LINE}"
)
TIER = f"{STEP} and step.step_kind = 'tier' and step.tier_number = $tier"
CHANGE = " from fct_fee_changes where contract_id = $tenant"
INVOICE_LINE = (
    " from fct_invoice_lines as line"
    f" inner join fct_rated_usage as usage using (rated_usage_id){LINE}"
)
INVOICE = " from fct_invoices where is_current and tenant_id = $tenant"
CREDITED = " from fct_memos where tenant_id = $tenant and reason = $credit"


def _sum_of(*kinds: str) -> str:
    """The sum of a line's steps of some kinds, zero where it has none."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"select coalesce(sum(step.amount), 0){STEP} and step.step_kind in ({listed})"


QUERIES: Mapping[Column, str] = {
    "reading": (
        "select quantity from fct_meter_readings where is_current and tenant_id = $tenant"
        " and meter_id = $meter and period_start_at = $month"
    ),
    "rated": f"select usage.net_amount from fct_rated_usage as usage{LINE}",
    "rated of all lines": (
        "select sum(net_amount) from fct_rated_usage where is_current and tenant_id = $tenant"
    ),
    "line": f"select line.amount{INVOICE_LINE}",
    "line coupon": f"select line.coupon_amount{INVOICE_LINE}",
    "line tax": f"select line.tax_amount{INVOICE_LINE}",
    "tier": f"select max(step.tier_number){STEP} and step.step_kind = 'tier'",
    "units": f"select sum(step.units){STEP} and step.step_kind = 'tier'",
    "charged": _sum_of("tier", "event"),
    "minimum and maximum": _sum_of("minimum", "maximum"),
    "minimum": _sum_of("minimum"),
    "taken off": f"select -found.amount from ({_sum_of('maximum', 'discount')}) as found(amount)",
    "rated before": _sum_of("already_rated"),
    "free": f"select usage.quantity - usage.billable_quantity from fct_rated_usage as usage{LINE}",
    "steps": f"select count(*){STEP} and step.step_kind = 'tier'",
    "step units": f"select step.units{TIER}",
    "step price": f"select step.unit_price{TIER}",
    "step flat": f"select step.flat_amount{TIER}",
    "step amount": f"select step.amount{TIER}",
    "true-up": ("select amount from fct_commitment_true_ups where contract_id = $tenant"),
    "fee exactly": "select unrounded_amount from fct_contract_fees where contract_id = $tenant",
    "fee change": f"select change_amount{CHANGE}",
    "fee credit": f"select -credited_amount{CHANGE}",
    "fee charge": f"select charged_ahead_amount{CHANGE}",
    "days": (
        "select sum(segment_day_count) from fct_contract_segments"
        " where contract_id = $tenant and has_usage"
    ),
    "invoice net": f"select subtotal_amount{INVOICE}",
    "invoice tax": f"select tax_amount{INVOICE}",
    "invoice total": f"select total_amount{INVOICE}",
    "coupons": f"select discount_amount{INVOICE}",
    "net of coupons": f"select subtotal_amount - discount_amount{INVOICE}",
    "credits applied": f"select credits_applied_amount{INVOICE}",
    "due": f"select amount_due{INVOICE}",
    "credit net": f"select coalesce(-sum(amount), 0){CREDITED}",
    "credit tax": f"select coalesce(-sum(tax_amount), 0){CREDITED}",
    "credit total": f"select coalesce(-sum(amount + tax_amount), 0){CREDITED}",
    "wallet": (
        "select coalesce(sum(amount), 0) from fct_wallet_movements where tenant_id = $tenant"
    ),
    "grants": (
        "select coalesce(sum(quantity), 0) from fct_grant_movements"
        " where list_contains($grants, grant_id) and moved_at < $until"
    ),
    **cost_figures.QUERIES,
    **recurring_figures.QUERIES,
}
REFUSED = """
    select tenant_id, string_agg(distinct reason, ', ') from fct_rejected_events group by tenant_id
    union all
    select provider, string_agg(distinct reason, ', ') from fct_rejected_cost_rows group by provider
"""


@dataclass(frozen=True)
class Answer:
    """A case that was run: each figure with what was found for it, as a number or in words."""

    case: Case
    scene: Scene
    found: tuple[tuple[Figure, Decimal | str | None], ...]

    @property
    def is_right(self) -> bool:
        return all(figure.amount == got for figure, got in self.found)


@dataclass
class Outcome:
    """What became of every case, and the project's own checks that did not pass."""

    answers: list[Answer] = field(default_factory=list)
    out_of_scope: list[tuple[Case, str]] = field(default_factory=list)
    failed_checks: list[str] = field(default_factory=list)

    @property
    def passed(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.is_right]

    @property
    def failed(self) -> list[Answer]:
        return [answer for answer in self.answers if not answer.is_right]


def run(cases: Sequence[Case], console: Console) -> Outcome:
    """Translate, build once in a temporary folder, and compare. No answer is worked out here.

    Raises MeterhouseError where the build itself cannot be done.
    """
    outcome = Outcome()
    named = {f"{place:04}": case for place, case in enumerate(cases, start=1)}
    scenes: dict[str, Scene] = {}
    for scene_name, case in named.items():
        try:
            scenes[scene_name] = translate(case)
        except OutOfScopeError as reason:
            outcome.out_of_scope.append((case, str(reason)))
    for scene_name, why in recurring_stage.crowded(scenes).items():
        del scenes[scene_name]
        outcome.out_of_scope.append((named[scene_name], why))
    scenes = recurring_stage.apart(scenes)
    if not scenes:
        return outcome
    with tempfile.TemporaryDirectory(prefix="meterhouse-conformance-") as temporary:
        folder = Path(temporary)
        settings = replace(
            from_environment({}),
            landing=folder / "landing",
            database=folder / "warehouse.duckdb",
            published=folder / "published",
        )
        seeds, refused = lay_out(scenes, folder / "catalogue", settings.root)
        try:
            for scene_name, rule in refused.items():
                scene = scenes.pop(scene_name)
                if scene.refusal:
                    outcome.answers.append(_refused(named[scene_name], scene, rule))
                else:
                    why = f"the catalogue refuses it: {rule}"
                    outcome.out_of_scope.append((named[scene_name], why))
            if scenes:
                land(scenes, settings.landing)
                credits.allow(settings.landing)
                result = runner.build(settings, seeds, Scope(select=_select(scenes)), console)
                outcome.failed_checks = _checks(result)
                credits.give(scenes, Books(settings, seeds, console, is_built=True))
                outcome.answers += _answers(settings.database, scenes, named)
        finally:
            shutil.rmtree(seeds)
    return outcome


def _select(scenes: Mapping[str, Scene]) -> tuple[str, ...]:
    return (*SELECT, *(RECURRING if any(map(_is_of_customers, scenes.values())) else ()))


def _is_of_customers(scene: Scene) -> bool:
    return scene.recurring is not None or any(
        figure.column in recurring_figures.QUERIES for figure in scene.figures
    )


def _refused(case: Case, scene: Scene, rule: str) -> Answer:
    """A scene that the catalogue is to refuse: one for each figure, where that rule is why."""
    is_right = any(words in rule for words in scene.refusal)
    return Answer(
        case, scene, tuple((figure, Decimal(1) if is_right else rule) for figure in scene.figures)
    )


def _checks(result: runner.BuildResult) -> list[str]:
    """The project's checks that failed on these rows; where that left models unbuilt, it ends."""
    kinds = {failure.kind for failure in result.failures}
    if kinds & {"error", "skipped"}:
        first = next(failure for failure in result.failures if failure.kind != "skipped")
        raise MeterhouseError(
            first.name, f"the build failed: {first.message}", "correct the project first"
        )
    return [failure.message for failure in result.failures]


def _answers(
    database: Path, scenes: Mapping[str, Scene], named: Mapping[str, Case]
) -> list[Answer]:
    with duckdb.connect(database, read_only=True) as connection:
        refused = dict(connection.execute(REFUSED).fetchall())
        answers = []
        for name, scene in scenes.items():
            sources = [tenant_of(name), *(tenant_ids(name, scene.cost) if scene.cost else [])]
            reasons = next(filter(None, map(refused.get, [*sources, provider_of(name)])), None)
            places = {
                "tenant": tenant_of(name),
                "month": scene.month,
                "segment": scene.segment_date,
                "meter": meter_of(name),
            }
            found: list[tuple[Figure, Decimal | str | None]] = []
            for figure in scene.figures:
                query = QUERIES[figure.column]
                known = {
                    **places,
                    "tier": figure.tier,
                    "plan_line": plan_line_of(name, figure.place),
                    "grants": [grant_of(name, grant) for grant in figure.grants],
                    "credit": credits.reason_of(len(scene.credits)),
                    "until": figure.until and figure.until.replace(tzinfo=None),
                    **cost_figures.places(name, scene, figure),
                    **recurring_figures.places(name, scene, figure),
                }
                used = {key: value for key, value in known.items() if f"${key}" in query}
                got = _one(connection.execute(query, used).fetchall(), figure, scene)
                found.append((figure, f"lines refused: {reasons}" if reasons else got))
            answers.append(Answer(named[name], scene, tuple(found)))
    return answers


def _one(rows: Sequence[tuple[Any, ...]], figure: Figure, scene: Scene) -> Decimal | str | None:
    """The only value; where nothing was landed, no reading at all is a reading of zero."""
    has_events = any(line.events for line in scene.lines)
    if not rows and figure.column == "reading" and not has_events:
        return Decimal(0)
    if len(rows) != 1:
        return f"{len(rows)} rows" if rows else None
    value: Decimal | int | None = rows[0][0]
    if value is None:
        return None
    got = Decimal(value)
    if figure.exponent:
        got = got.scaleb(figure.exponent)
    if figure.count > 1:
        got /= figure.count
    return got if figure.decimals is None else at_most(figure.decimals, got)
