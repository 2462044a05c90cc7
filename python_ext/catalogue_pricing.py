"""The rules for plans, prices and what contracts make of them, across rows of the catalogue."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from python_ext.catalogue_billing import last_days
from python_ext.catalogue_rows import Catalogue, Finding, Row, Rule

BLOCKS = ("blocks_all_tiers", "blocks_top_tier")
FEE_MODELS = ("flat", "per_unit")
BY_EVENT = ("basis_points", "dynamic")
HELD = ("time_weighted", "sum_prorated")
ONE_TIER = ("flat", "per_unit", "package", "percentage", "matrix", *BY_EVENT)
EVENT_TERMS = (
    "fixed_amount_per_event",
    "free_event_count",
    "free_event_amount",
    "minimum_amount_per_event",
    "maximum_amount_per_event",
)


def _group(line: Row) -> str:
    return "group" if line["charge_model"] == "matrix" else line["tiers_per"] or "line"


def _crosses(lowest: Decimal | None, highest: Decimal | None) -> bool:
    return lowest is not None and highest is not None and lowest > highest


def _broken(file: str, row: Row, *claims: tuple[object, str, str]) -> Iterator[Finding]:
    """A finding for each claim (is it broken, the rule, the remedy) that does not hold."""
    for is_broken, rule, remedy in claims:
        if is_broken:
            yield Finding(file, row.number, rule, remedy)


def _lines(catalogue: Catalogue) -> Iterator[Finding]:
    for row in catalogue["plan_lines"]:
        is_fee, model, group = row["line_kind"] != "usage", row["charge_model"], _group(row)
        yield from _broken(
            "plan_lines.csv",
            row,
            (
                is_fee and row["meter_id"],
                "a fee line has no meter_id",
                "empty it, or make the line usage",
            ),
            (
                not is_fee and not row["meter_id"],
                "a usage line needs a meter_id",
                "name a meter of meters.csv",
            ),
            (
                is_fee and model not in FEE_MODELS,
                f"a fee line has charge_model {' or '.join(FEE_MODELS)}, found {model}",
                "make it one of them",
            ),
            (
                model == "package" and not row["package_size"],
                "charge_model package needs a package_size",
                "fill it in",
            ),
            (
                row["amount_key"] and model != "dynamic",
                f"an amount_key is of charge_model dynamic, found {model}",
                "empty it, or make the line dynamic",
            ),
            (
                group != "line" and row["free_quantity"],
                "a free_quantity is of the whole line, whose tiers are not",
                "make it 0, and give the first tier a price of 0",
            ),
            (
                group != "line" and model in BY_EVENT,
                f"charge_model {model} has no tiers that could be per {group}",
                "empty tiers_per",
            ),
        )


def _lines_fit_their_meters(catalogue: Catalogue) -> Iterator[Finding]:
    """What is asked of a meter: its groups, its hours, its single values."""
    by_event = {
        row["plan_line_id"]
        for row in catalogue["plan_line_terms"]
        if any(row[name] is not None for name in EVENT_TERMS)
    }
    meters = defaultdict(list)
    for row in catalogue["meters"]:
        meters[row["meter_id"]].append(row)
    for row in catalogue["plan_lines"]:
        group, model = _group(row), row["charge_model"]
        definitions = meters.get(row["meter_id"] or "", [])
        is_by_event = model in BY_EVENT or (
            model == "percentage" and row["plan_line_id"] in by_event
        )
        yield from _broken(
            "plan_lines.csv",
            row,
            (
                group == "group" and not all(meter["group_by"] for meter in definitions),
                f"{row['meter_id']} groups by nothing, so no tiers can be per group",
                "fill in group_by in meters.csv",
            ),
            (
                group in ("hour", "day")
                and any(
                    meter["aggregation"] in ("time_weighted", "sum_prorated")
                    for meter in definitions
                ),
                f"{row['meter_id']} is held over the month, so no tiers can be per {group}",
                "empty tiers_per",
            ),
            (
                group == "hour"
                and any(meter["aggregation"].startswith("count_distinct") for meter in definitions),
                f"{row['meter_id']} is counted by day, so no tiers can be per hour",
                "make tiers_per day",
            ),
            (
                is_by_event
                and not all(
                    meter["keeps_values"] == "true" and meter["aggregation"] in ("sum", "count")
                    for meter in definitions
                ),
                f"the line prices events one by one, but {row['meter_id']} does not keep them",
                "make keeps_values true in meters.csv, for a meter that sums or counts",
            ),
        )


def _terms(catalogue: Catalogue) -> Iterator[Finding]:
    lines = {row["plan_line_id"]: row for row in catalogue["plan_lines"]}
    priced = {(row["plan_line_id"], row["currency_code"]) for row in catalogue["plan_line_tiers"]}
    for row in catalogue["plan_line_terms"]:
        line, window = lines[row["plan_line_id"]], row["commitment_window"] or "segment"
        model, group = line["charge_model"], _group(line)
        commits = row["commitment_amount"] is not None, row["commitment_quantity"] is not None
        yield from _broken(
            "plan_line_terms.csv",
            row,
            (
                (row["plan_line_id"], row["currency_code"]) not in priced,
                f"{row['plan_line_id']} has no price in {row['currency_code']}",
                "add its tiers to plan_line_tiers.csv",
            ),
            (
                line["line_kind"] != "usage",
                "terms are of a usage line, and this is a fee",
                "take the row away",
            ),
            (
                model not in ("percentage", *BY_EVENT)
                and any(row[name] is not None for name in EVENT_TERMS),
                f"amounts per event are of percentage, basis_points or dynamic, found {model}",
                "empty them",
            ),
            (
                _crosses(row["minimum_amount"], row["maximum_amount"]),
                "minimum_amount is more than maximum_amount",
                "correct one of the two",
            ),
            (
                _crosses(row["minimum_amount_per_event"], row["maximum_amount_per_event"]),
                "minimum_amount_per_event is more than maximum_amount_per_event",
                "correct one of the two",
            ),
            (
                all(commits),
                "a line commits to an amount or to a quantity",
                "empty one of the two",
            ),
            (
                commits[1] and group == "group",
                "a commitment_quantity has no price where each group has its own",
                "commit to an amount",
            ),
            (
                commits[1] and model != "per_unit",
                f"a commitment_quantity is of charge_model per_unit, found {model}",
                "commit to an amount",
            ),
            (
                any(commits) and window not in ("segment", group),
                f"commitment_window {window} needs tiers_per {window}",
                "correct one of the two",
            ),
            (
                (row["fair_use_policy"] is None) != (row["fair_use_quantity"] is None),
                "fair use has a quantity and a policy",
                "fill in the other, or empty both",
            ),
            (
                row["fair_use_policy"] == "overage" and row["fair_use_unit_price"] is None,
                "fair_use_policy overage needs a fair_use_unit_price",
                "fill it in",
            ),
            (
                row["fair_use_policy"] and group != "line",
                "fair use is of the whole line, whose tiers are not",
                "empty tiers_per",
            ),
        )


def _tiers(catalogue: Catalogue) -> Iterator[Finding]:
    file = "plan_line_tiers.csv"
    lines = {row["plan_line_id"]: row for row in catalogue["plan_lines"]}
    ladders: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in catalogue["plan_line_tiers"]:
        line = lines[row["plan_line_id"]]
        ladders[row["plan_line_id"], row["currency_code"], row.cells["group_value"]].append(row)
        if line["charge_model"] in BLOCKS and not row["block_size"]:
            broken = f"charge_model {line['charge_model']} needs a block_size"
            yield Finding(file, row.number, broken, "fill it in")
        if line["charge_model"] == "stairstep" and row["unit_price"]:
            broken = "a stairstep has flat amounts, and no unit_price"
            yield Finding(file, row.number, broken, "make it 0, and fill in flat_amount")
        if row["group_value"] and _group(line) != "group":
            broken = "a group_value is of a line with tiers_per group or charge_model matrix"
            yield Finding(file, row.number, broken, "empty it, or correct the line")
    for (line_id, currency, group), rows in ladders.items():
        ladder = sorted(rows, key=lambda row: (row["tier_number"], row.number))
        what = f"tiers of {line_id} in {currency}" + (f" for {group}" if group else "")
        model = lines[line_id]["charge_model"]
        if model in ONE_TIER and len(ladder) > 1:
            broken = f"{model} takes one tier, but the {what} are {len(ladder)}"
            yield Finding(
                file,
                ladder[1].number,
                broken,
                "make the line graduated or volume, or keep one tier",
            )
        reached = Decimal(0)
        for place, row in enumerate(ladder, start=1):
            up_to, is_last = row["up_to_quantity"], place == len(ladder)
            if row["tier_number"] != place:
                broken = f"the {what} leave a gap: tier_number {place} is missing"
                yield Finding(file, row.number, broken, "number them 1, 2, 3")
                break
            if is_last and up_to is not None:
                yield Finding(
                    file,
                    row.number,
                    f"the last of the {what} is not open",
                    "empty its up_to_quantity",
                )
            if not is_last and up_to is None:
                broken = f"only the last of the {what} is open"
                yield Finding(file, row.number, broken, "fill in up_to_quantity")
            if up_to is not None and up_to <= reached:
                broken = f"up_to_quantity of the {what} does not rise from {reached} to {up_to}"
                yield Finding(file, row.number, broken, "put them in order")
            reached = up_to or reached


def _contracts_are_priced(catalogue: Catalogue) -> Iterator[Finding]:
    priced = {(row["plan_line_id"], row["currency_code"]) for row in catalogue["plan_line_tiers"]}
    packs: dict[str, set[str]] = defaultdict(set)
    for row in catalogue["contract_packs"]:
        packs[row["contract_id"]].add(row["pack_id"])
    plans, ends = _plans(catalogue), last_days(catalogue)
    overrides = defaultdict(set)
    for row in catalogue["contract_overrides"]:
        overrides[row["contract_id"]].add(row["plan_line_id"])
    for contract in catalogue["contracts"]:
        in_force = {
            version["plan_version_id"]
            for version in catalogue["plan_versions"]
            if version["plan_id"] in plans[contract["contract_id"]]
            and version["effective_from_date"] < ends[contract["contract_id"]]
            and version["effective_to_date"] > contract["start_date"]
        }
        unpriced = [
            line["plan_line_id"]
            for line in catalogue["plan_lines"]
            if (
                (
                    line["plan_version_id"] in in_force
                    and line["pack_id"] in packs[contract["contract_id"]]
                )
                or line["plan_line_id"] in overrides[contract["contract_id"]]
            )
            and (line["plan_line_id"], contract["currency_code"]) not in priced
        ]
        if unpriced:
            more = f" and {len(unpriced) - 3} more" if len(unpriced) > 3 else ""
            broken = f"no price in {contract['currency_code']} for {', '.join(unpriced[:3])}{more}"
            yield Finding(
                "contracts.csv", contract.number, broken, "add tiers to plan_line_tiers.csv"
            )


def _contracts_are_planned(catalogue: Catalogue) -> Iterator[Finding]:
    """A day of a contract without a plan version would bill nothing, in silence."""
    spans = defaultdict(list)
    for row in catalogue["plan_versions"]:
        spans[row["plan_id"]].append((row["effective_from_date"], row["effective_to_date"]))
    changes = defaultdict(list)
    for row in catalogue["contract_plan_changes"]:
        changes[row["contract_id"]].append((row["effective_date"], row["plan_id"]))
    last = last_days(catalogue)
    for contract in catalogue["contracts"]:
        held = [(contract["start_date"], contract["plan_id"])]
        held += sorted(changes[contract["contract_id"]])
        ends = [start for start, _ in held[1:]] + [last[contract["contract_id"]]]
        for (start, plan), end in zip(held, ends, strict=True):
            if (
                not spans[plan]
                or start < min(spans[plan])[0]
                or end > max(to for _, to in spans[plan])
            ):
                broken = f"plan {plan} has no version for a part of the contract"
                yield Finding(
                    "contracts.csv", contract.number, broken, "add a version to plan_versions.csv"
                )


def _plans(catalogue: Catalogue) -> Mapping[str, set[str]]:
    """The plans that each contract has at some time."""
    plans: dict[str, set[str]] = defaultdict(set)
    for row in (*catalogue["contracts"], *catalogue["contract_plan_changes"]):
        plans[row["contract_id"]].add(row["plan_id"])
    return plans


def _versions(catalogue: Catalogue) -> Iterator[Finding]:
    """The versions of a plan follow one another; a corrected one has the range of the former."""
    file = "plan_versions.csv"
    rows = catalogue["plan_versions"]
    by_id = {row["plan_version_id"]: row for row in rows}
    corrected: dict[str, int] = {}
    codes: dict[str, set[str]] = defaultdict(set)
    for code, lines in _line_codes(catalogue).items():
        for line in lines:
            codes[line["plan_version_id"]].add(code)
    chains: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        former = by_id.get(row["supersedes_plan_version_id"] or "")
        if former is None:
            chains[row["plan_id"]].append(row)
            continue
        same = ("plan_id", "effective_from_date", "effective_to_date")
        its, formers = codes[row["plan_version_id"]], codes[former["plan_version_id"]]
        apart = sorted(its ^ formers) if its else []
        yield from _broken(
            file,
            row,
            (
                any(row[name] != former[name] for name in same),
                f"it supersedes {former['plan_version_id']}, but has another plan or range",
                "make plan_id and both dates those of the version that it corrects",
            ),
            (
                row["recorded_at"] <= former["recorded_at"],
                f"it supersedes {former['plan_version_id']}, which was recorded later",
                "correct recorded_at",
            ),
            (
                row["version"] <= former["version"],
                f"it supersedes {former['plan_version_id']}, whose version is not below its own",
                "give it the next version",
            ),
            (
                apart,
                f"it supersedes {former['plan_version_id']}, and only one has {', '.join(apart)}",
                "give it the same lines; what is not sold any more costs 0",
            ),
            (
                former["plan_version_id"] in corrected,
                f"row {corrected.get(former['plan_version_id'])} supersedes the same version",
                "make one supersede the other",
            ),
        )
        corrected.setdefault(former["plan_version_id"], row.number)
    for plan, chain in chains.items():
        first, *others = sorted(chain, key=lambda row: (row["effective_from_date"], row.number))
        reached: date = first["effective_to_date"]
        before = first
        for row in others:
            start = row["effective_from_date"]
            yield from _broken(
                file,
                row,
                (
                    start < reached,
                    f"overlaps the range of {plan} in row {before.number}",
                    "end that one where this one starts, or name it in supersedes_plan_version_id",
                ),
                (
                    start > reached,
                    f"leaves a gap of {plan} from {reached} to {start}",
                    f"start it where row {before.number} ends",
                ),
            )
            if row["effective_to_date"] > reached:
                reached, before = row["effective_to_date"], row


def _discounts(catalogue: Catalogue) -> Iterator[Finding]:
    """A discount that fits no line would take nothing off, in silence."""
    plans, version_plans = _plans(catalogue), _version_plans(catalogue)
    offers: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for code, lines in _line_codes(catalogue).items():
        for line in lines:
            version = line["plan_version_id"]
            offers[version_plans[version]].add((version, code, line["pack_id"]))
    scopes = ("contract_id", "plan_version_id", "line_code", "pack_id")
    for row in catalogue["discounts"]:
        named = [f"{name} {row[name]}" for name in scopes if row[name]]
        is_offered = any(
            all(row[name] in (None, value) for name, value in zip(scopes[1:], offer, strict=True))
            for plan in (plans[row["contract_id"]] if row["contract_id"] else tuple(offers))
            for offer in offers.get(plan, ())
        )
        yield from _broken(
            "discounts.csv",
            row,
            (
                not named,
                "a discount names what it is on",
                f"fill in one of {', '.join(scopes)}",
            ),
            (
                named and not is_offered,
                f"no line of plan_lines.csv is of {' and '.join(named)}",
                "correct one of them; a line_code is what follows the colon in plan_line_id",
            ),
        )


def _commitments(catalogue: Catalogue) -> Iterator[Finding]:
    currencies = {row["contract_id"]: row["currency_code"] for row in catalogue["contracts"]}
    for row in catalogue["commitments"]:
        currency = currencies.get(row["contract_id"] or "", row["currency_code"])
        yield from _broken(
            "commitments.csv",
            row,
            (
                bool(row["contract_id"]) == bool(row["plan_version_id"]),
                "a commitment is of a contract or of a plan's version",
                "fill in one of contract_id and plan_version_id",
            ),
            (
                currency != row["currency_code"],
                f"the contract is in {currency}, the commitment in {row['currency_code']}",
                "state it in the currency of the contract",
            ),
        )


def _overrides(catalogue: Catalogue) -> Iterator[Finding]:
    lines = {row["plan_line_id"]: row for row in catalogue["plan_lines"]}
    plans, version_plans = _plans(catalogue), _version_plans(catalogue)
    codes = _line_codes(catalogue)
    for row in catalogue["contract_overrides"]:
        line, contract = lines[row["plan_line_id"]], row["contract_id"]
        replaced = [
            other
            for other in codes.get(row["line_code"], ())
            if version_plans[other["plan_version_id"]] in plans[contract]
        ]
        yield from _broken(
            "contract_overrides.csv",
            row,
            (
                not replaced,
                f"line_code {row['line_code']} is of no line of the plan of contract {contract}",
                "name what follows the colon in plan_lines.csv",
            ),
            (
                replaced and all(line["meter_id"] != other["meter_id"] for other in replaced),
                f"{row['plan_line_id']} is on another meter than {row['line_code']}",
                "name a line on the same meter",
            ),
        )


def _dates_are_in_contracts(name: str, column: str) -> Rule:
    def rule(catalogue: Catalogue) -> Iterator[Finding]:
        contracts = {row["contract_id"]: row for row in catalogue["contracts"]}
        ends = last_days(catalogue)
        for row in catalogue[name]:
            start, end = contracts[row["contract_id"]]["start_date"], ends[row["contract_id"]]
            outside = not start < row[column] < end
            yield from _broken(
                f"{name}.csv",
                row,
                (outside, f"{column} {row.cells[column]} is not inside the contract", "correct it"),
            )

    return rule


def _terms_meet_contracts(name: str) -> Rule:
    """The rule that what is agreed with a contract holds on some day of it."""

    def rule(catalogue: Catalogue) -> Iterator[Finding]:
        contracts = {row["contract_id"]: row for row in catalogue["contracts"]}
        ends = last_days(catalogue)
        for row in catalogue[name]:
            contract = contracts.get(row["contract_id"])
            yield from _broken(
                f"{name}.csv",
                row,
                (
                    contract
                    and not (
                        row["start_date"] < ends[contract["contract_id"]]
                        and contract["start_date"] < row["end_date"]
                    ),
                    f"it is not in force on any day of contract {row['contract_id']}",
                    "correct start_date and end_date, or name another contract",
                ),
            )

    return rule


def _version_plans(catalogue: Catalogue) -> Mapping[str, str]:
    return {row["plan_version_id"]: row["plan_id"] for row in catalogue["plan_versions"]}


def _line_codes(catalogue: Catalogue) -> Mapping[str, list[Row]]:
    """The lines of all plan versions, by what their ids have after the version's."""
    codes: dict[str, list[Row]] = defaultdict(list)
    for row in catalogue["plan_lines"]:
        codes[row["plan_line_id"].removeprefix(f"{row['plan_version_id']}:")].append(row)
    return codes


CONTRACT_PLANS = ("contracts", "contract_plan_changes", "plan_versions", "plan_lines")
PRICING_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("plan_lines",), _lines),
    (("plan_lines", "plan_line_terms", "meters"), _lines_fit_their_meters),
    (("plan_lines", "plan_line_tiers"), _tiers),
    (("plan_lines", "plan_line_terms", "plan_line_tiers"), _terms),
    (("plan_versions", "plan_lines"), _versions),
    (("discounts", *CONTRACT_PLANS), _discounts),
    (("commitments", "contracts"), _commitments),
    (("contract_overrides", *CONTRACT_PLANS), _overrides),
    *(
        ((name, "contracts", "billing_terms"), _terms_meet_contracts(name))
        for name in ("discounts", "commitments", "contract_overrides")
    ),
    (
        ("contract_plan_changes", "contracts", "billing_terms"),
        _dates_are_in_contracts("contract_plan_changes", "effective_date"),
    ),
    (
        ("interim_closes", "contracts", "billing_terms"),
        _dates_are_in_contracts("interim_closes", "close_date"),
    ),
    (
        (
            "contracts",
            "billing_terms",
            "contract_packs",
            "contract_plan_changes",
            "contract_overrides",
            "plan_versions",
            "plan_lines",
            "plan_line_tiers",
        ),
        _contracts_are_priced,
    ),
    (
        ("contracts", "billing_terms", "contract_plan_changes", "plan_versions"),
        _contracts_are_planned,
    ),
)
"""The files that a rule reads, and the rule."""
