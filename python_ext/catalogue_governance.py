"""The rules for who decides and what is sold: policy, SKUs and tiers."""

from collections.abc import Iterator, Set

from python_ext.catalogue_rows import Catalogue, Finding, Rule
from python_ext.catalogue_tables import ROLLOUTS, TABLES

GOVERNED_TABLES = tuple(
    name
    for name, table in TABLES.items()
    if name != "policy_decisions"
    and "policy_decision_id" in table.columns
    and table.columns["policy_decision_id"].refers_to is None
)
"""The files whose rows change money only while a decision in force allows them."""


def undecided(name: str, catalogue: Catalogue, landed: Set[str]) -> Iterator[Finding]:
    """Rows of a governed file that no decision allows. What landed is judged by the models."""
    effects = {row["policy_decision_id"]: row["effect"] for row in catalogue["policy_decisions"]}
    for row in catalogue[name]:
        decision = row["policy_decision_id"]
        if decision is None:
            broken = "policy_decision_id is empty"
        elif effects.get(decision) == "deny":
            broken = f"policy_decision_id {decision} does not have effect allow"
        elif decision not in effects and decision not in landed:
            broken = (
                f"policy_decision_id names {decision}, which is not in policy_decisions.csv"
                " and has not landed"
            )
        else:
            continue
        remedy = "name or land the decision that allows the row; until then it changes no money"
        yield Finding(f"{name}.csv", row.number, broken, remedy, stops=False)


def _policy_rules(catalogue: Catalogue) -> Iterator[Finding]:
    roles = {row["role"] for row in catalogue["policy_actors"]}
    for row in catalogue["policy_rules"]:
        if not row["permitted_roles"] and not row["permitted_actors"]:
            broken = "a rule permits nobody"
            yield Finding("policy_rules.csv", row.number, broken, "name a role or an actor")
        for role in row["permitted_roles"] or ():
            if role not in roles:
                broken = (
                    f"permitted_roles names {role}, a role that nobody has in policy_actors.csv"
                )
                remedy = "correct it, or give the role to somebody"
                yield Finding("policy_rules.csv", row.number, broken, remedy)
        permitted = {
            actor["actor_id"]
            for actor in catalogue["policy_actors"]
            if actor["role"] in (row["permitted_roles"] or ())
            or actor["actor_id"] in (row["permitted_actors"] or ())
        }
        limits = ("second_approver_above_usd", "second_approver_above_ratio")
        if len(permitted) == 1 and any(row[limit] is not None for limit in limits):
            broken = f"a rule with a limit permits {', '.join(permitted)} alone"
            remedy = "permit a second actor, or nothing above the limit can ever be approved"
            yield Finding("policy_rules.csv", row.number, broken, remedy)


def _skus(catalogue: Catalogue) -> Iterator[Finding]:
    """An edition sells a plan under the plan's own SKU; everything else sells a pack."""
    skus = {row["plan_id"]: row["sku"] for row in catalogue["price_plans"]}
    for row in catalogue["skus"]:
        kind, plan, pack, region = (
            row[name] for name in ("sku_kind", "plan_id", "pack_id", "region")
        )
        for is_broken, broken, remedy in (
            (kind == "edition" and not plan, "an edition needs a plan_id", "name its price plan"),
            (kind == "edition" and pack, "an edition has no pack_id", "empty it"),
            (kind != "edition" and plan, f"a {kind} has no plan_id", "empty it"),
            (kind != "edition" and not pack, f"a {kind} needs a pack_id", "name its pack"),
            (kind == "residency" and not region, "a residency needs a region", "name it"),
            (
                kind == "edition" and plan in skus and skus[plan] != row["sku"],
                f"plan {plan} is sold as {skus.get(plan)} in price_plans.csv",
                "make the two the same",
            ),
        ):
            if is_broken:
                yield Finding("skus.csv", row.number, broken, remedy)


def _rollouts(catalogue: Catalogue) -> Iterator[Finding]:
    """A version reaches contracts no sooner than the SKU promises; where empty, as it promises."""
    promises = {row["sku"]: row["price_change_policy"] for row in catalogue["skus"]}
    skus = {row["plan_id"]: row["sku"] for row in catalogue["price_plans"]}
    for row in catalogue["plan_versions"]:
        sku, rollout = skus[row["plan_id"]], row["rollout"]
        promise = promises.get(sku)
        if rollout and promise and ROLLOUTS.index(rollout) > ROLLOUTS.index(promise):
            broken = f"rollout {rollout} breaks the price_change_policy {promise} of {sku}"
            remedy = f"make it {promise}, or empty it, which is what skus.csv promises"
            yield Finding("plan_versions.csv", row.number, broken, remedy)


def _tiers_include_one(catalogue: Catalogue) -> Iterator[Finding]:
    """Features are handed on from one tier to one other, no further."""
    includes = {row["tier_id"]: row["includes_tier_id"] for row in catalogue["tiers"]}
    for row in catalogue["tiers"]:
        included = row["includes_tier_id"]
        if included and includes[included]:
            broken = f"includes_tier_id {included} is a tier that includes another one"
            remedy = "include the last of them, and list the features of the others"
            yield Finding("tiers.csv", row.number, broken, remedy)


GOVERNANCE_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("policy_rules", "policy_actors"), _policy_rules),
    (("skus", "price_plans", "packs"), _skus),
    (("plan_versions", "price_plans", "skus"), _rollouts),
    (("tiers",), _tiers_include_one),
)
"""The files that a rule reads, and the rule."""
