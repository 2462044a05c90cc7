"""More examples of the families of recurring revenue, and some that cannot be run."""

from tests.conformance.examples_of_cost import cost_case as case

PLANS = {"Basic": {"month": 30, "year": 300}}

MORE_OF_RECURRING = [
    case(
        "mrr_movement",
        {
            "movements": [
                ["2020-01", "new", "10.00"],
                ["2020-03", "downgrade", "-0.01"],
                ["2020-04", "cancellation", "-9.99"],
                ["2020-06", "reactivation", "20"],
                ["2020-07", "churn", "-20"],
            ]
        },
        periods=[
            ["2020-01-15", "2020-03-01", "10"],
            ["2020-03-01", "2020-04-30", "9.99"],
            ["2020-06-30", "2020-07-01", "20"],
        ],
    ),
    case(
        "mrr_movement",
        {"type": "new_business", "mrr": "25.00"},
        event="first paid: 1 x Basic yearly, billed 300",
        plans=PLANS,
    ),
    case(
        "mrr_movement",
        {"type": "expansion"},
        event="existing customer adds 3 x Basic monthly, billed 90",
    ),
    case(
        "mrr_movement",
        {"type": "contraction", "mrr": "-35.00"},
        event="changes from 2 x Basic monthly to 1 x Basic yearly",
        plans=PLANS,
    ),
    case(
        "mrr_movement",
        {"type": "reactivation", "mrr": "30.00"},
        event="returns after a month with 1 x Basic monthly",
        plans=PLANS,
    ),
    # Less than before the break, and more: it is the break that counts.
    case("case_order_trap", {"correct": "reactivation"}, history=["50", "0", "60"]),
    case("case_order_trap", {"correct": "contraction"}, history=["50", "0", "60", "55.5"]),
    case("case_order_trap", {"correct": "churn"}, history=["50", "0"]),
    case("gross_mrr_churn_rate", {"rate": "0.3333"}, start="3", churn="1", expansion="5"),
    case(
        "net_mrr_churn_rate",
        {"rate": "0.05"},
        start="200",
        churn="20",
        contraction="10",
        expansion="5",
        reactivation="15",
    ),
    case("net_mrr_churn_rate", {"rate": "1.00"}, start="10", churn="10", expansion="0"),
    case("mrr", {"mrr": "433.33"}, plans=[{"n": 1, "price": "100", "per": "week"}]),
    case("mrr_discount", {"stripe_mrr": "75.00"}, price="100", coupon="25% forever"),
    case("mrr_trial", {"mrr": "0"}, active=0, price="30", trialing=2),
    case("committed_mrr", {"committed_mrr": "31.00"}, price="15.5", discount_once="15.5", subs=2),
    case("mrr_rollforward", {"net_new": "-40"}, start="1000", churn="40"),
    case("quick_ratio", {"quick_ratio": None}, new="200", expansion="90", reactivation="1"),
    case(
        "nrr_grr",
        {"nrr": "1.1000", "grr": "1.0000"},
        start="50",
        expansion="5",
        contraction="0",
        churn="0",
        new="100",
    ),
    case("nrr", {"nrr": "0"}, start="80", churned="80", expansion="0"),
    case(
        "grr_customer_grain",
        {"grr": "0.5000", "nrr": "1.5000"},
        customers={"a": {"start": 10, "end": 30}, "b": {"start": "10", "end": 0}},
    ),
    case("mrr_fx", {"fx_movement_usd": "1.25"}, mrr_eur="250", rate_prev="1.1", rate_now="1.105"),
    case("gross_margin", {"gross_profit": "-10.00", "gm_pct": "-0.5"}, revenue="20", cogs="30"),
    case(
        "ltv_gross_margin",
        {"ltv": None, "lifespan_months": None},
        arpa="50",
        gross_margin="0.7",
        monthly_churn="0",
    ),
    case("ltv_revenue", {"ltv": "0.56"}, arpa="0.5", customer_churn="0.9"),
    case("cac_payback", {"months": None}, cac="0", arpu="50", gross_margin="0.8"),
    case("cac_payback", {"months": None}, cac="100", arpu="50", gross_margin="-0.1"),
    case("cac_payback", {"months": "6.67"}, cac="100", arpu="30", gross_margin="0.5"),
    case("logo_churn", {"rate": "1"}, start_customers=2, cancelled=2),
    case(
        "cohort_retention",
        {"retention": ["1", "0.5", "1.0"]},
        cohort="2025-11",
        size=2,
        active_by_month=[2, 1, 2],
    ),
    case("unit_cost", {"cost_per_order": "0.333333"}, cost="1", orders=3),
]

UNREACHABLE_OF_RECURRING = [
    (case("mrr_movement", {"movements": []}, periods=[]), "nobody subscribes to anything"),
    (case("mrr_movement", {"movements": [["2020-01", "pause", 1]]}, periods=[]), "no movement"),
    (case("mrr_movement", {"mrr": 1}, periods=[["2020-01-01"]]), "a start, an end and an amount"),
    (case("mrr_movement", {"type": "churn"}, event="sneezes"), "not understood what happens"),
    (
        case("mrr_movement", {"type": "churn", "mrr": "-1"}, event="cancels last subscription"),
        "when the paid period is over",
    ),
    (case("mrr", {"mrr": 1}, plans=[{"n": 1, "price": 1, "per": "moon"}]), "sold by the moon"),
    (case("mrr", {"mrr": 1}, plans=[{"n": 2001, "price": 1, "per": "month"}]), "at most 2000"),
    (case("mrr", {"mrr": 1}, plans=[{"n": 1, "price": -1, "per": "month"}]), "not below zero"),
    (case("mrr_discount", {"stripe_mrr": 1}, price=1, coupon="half"), "once or forever"),
    (case("mrr_completeness", {"invariant": "any"}, rows=">5 paying"), "what is to be complete"),
    (case("new_and_churn_same_month", {"profitwell": {}}, new="5"), "an amount on a day"),
    (case("mrr_rollforward", {"end": 1}, start="10", churn="11"), "there before and after"),
    (case("cohort_retention", {"retention": ["1"]}, cohort="May", size=1), "not a month"),
    (case("ltv_revenue", {"ltv": 1}, arpa=1, customer_churn="0.0001"), "as many leave"),
    (case("nrr_annualised", {"nrr_12m": 1}), "measured over its twelve months"),
    (case("unit_cost_variance", {"rate_variance": 1}), "not budgeted"),
    (case("quick_ratio", {"magic": 1}, new=1), "no comparison for expected magic"),
]
