"""What the rows of a scene are called, so that no scene can see another."""

PACK, CATEGORY = "companyos_core", "companyos_core"
DECISION = "pd-catalogue-founding"
RECORDED_AT = "2024-12-01T00:00:00Z"
RECORDED = {"recorded_at": RECORDED_AT, "policy_decision_id": DECISION}
DATES = {"effective_from_date": "2000-01-01", "effective_to_date": "9999-12-31"}
INSTANTS = {"effective_from_at": "2000-01-01T00:00:00Z", "effective_to_at": "9999-12-31T00:00:00Z"}


def tenant_of(name: str, place: int = 0) -> str:
    """The tenant of a scene, or one of those that share its cost, numbered from 1."""
    return f"conformance-{name}-{place:02}" if place else f"conformance-{name}"


def meter_of(name: str, place: int = 1) -> str:
    return f"conformance.{name}" if place == 1 else f"conformance.{name}.{place}"


def plan_line_of(name: str, place: int = 1) -> str:
    line = f"conformance-{name}@1:usage"
    return line if place == 1 else f"{line}-{place:02}"  # in the order of their places


def grant_of(name: str, grant: str) -> str:
    return f"conformance-{name}:{grant}"


def provider_of(name: str) -> str:
    """Who states the cost of a scene."""
    return f"Conformance {name}"


def allocation_rule_of(name: str, rule: str) -> str:
    return f"conformance-{name}-{rule}"


def currency_of(name: str) -> str:
    """The currency of a scene whose amounts are to be added up by themselves."""
    return f"C{name}"
