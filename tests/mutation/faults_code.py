"""Faults of the code: what somebody gets wrong in a model, a macro or a check."""

from tests.mutation.faults import Edit, Fault
from tests.mutation.faults_landing import a_batch_comes_twice, lines_are_cut

CODE_FAULTS = (
    Fault(
        "duplicates are let in",
        "code",
        ("grain", "intake"),
        edits=(
            Edit(
                "int_usage__events_accepted.sql",
                "\n        and copies_ranked.landed_file is null",
                "",
            ),
        ),
        plant=a_batch_comes_twice,
    ),
    Fault(
        "a tier begins one unit too early",
        "code",
        ("unit test",),
        edits=(
            Edit(
                "int_rating__tiers_reached.sql",
                "in_packages.units > plan_tiers.above_quantity",
                "in_packages.units >= plan_tiers.above_quantity",
            ),
        ),
        start="after",
        unit_tested=("int_rating__tiers_reached",),
    ),
    Fault(
        "the allowance is not taken off",
        "code",
        ("unit test", "lock_mismatch"),
        edits=(
            Edit(
                "fct_rated_units.sql",
                "excess_quantity - allowance_quantity - granted_quantity",
                "excess_quantity - granted_quantity",
            ),
        ),
        start="after",
        unit_tested=("fct_rated_units",),
    ),
    Fault(
        "usage of all environments bills",
        "code",
        ("unit test", "lock_mismatch"),
        edits=(
            Edit(
                "int_rating__usage_added.sql",
                (
                    "\n"
                    "            and {{ is_listed('meter_hours.environment',"
                    " 'contract_lines.environments') }}"
                ),
                "",
            ),
        ),
        start="after",
    ),
    Fault(
        "a segment has no first hour",
        "code",
        ("unit test", "assert_readings_add_up_to_what_is_rated", "lock_mismatch"),
        edits=(
            Edit(
                "int_rating__usage_added.sql",
                "contract_lines.rated_from_at <= meter_hours.hour_start_at",
                "contract_lines.rated_from_at < meter_hours.hour_start_at",
            ),
        ),
        start="after",
    ),
    Fault(
        "an hour of usage is left out of the meters",
        "code",
        ("assert_every_event_of_an_additive_meter_is_in_its_hours",),
        edits=(
            Edit(
                "int_metering__hours_added.sql",
                "where landed_at >= {{ first_pending_at }}",
                "where landed_at >= {{ first_pending_at }} and hour(metered_at) <> 10",
            ),
        ),
    ),
    Fault(
        "former versions of rated usage bill too",
        "code",
        ("grain", "unit test", "assert_"),
        edits=(
            Edit(
                "fct_charges.sql", "where status = 'rated' and is_current", "where status = 'rated'"
            ),
        ),
        start="after",
        unit_tested=("fct_charges",),
    ),
    Fault(
        "a join loses lines with more than one price",
        "code",
        ("assert_every_contract_line_is_charged", "unit test"),
        edits=(Edit("fct_charges.sql", "left join single_prices", "inner join single_prices"),),
        start="after",
        unit_tested=("fct_charges",),
    ),
    Fault(
        "halves are rounded to the even digit",
        "code",
        ("unit test",),
        edits=(
            Edit(
                "money.sql",
                "when 2 then cast(round({{ amount }}, 2) as decimal(22, 4))",
                "when 2 then cast(round_even({{ amount }}, 2) as decimal(22, 4))",
            ),
        ),
        start="after",
        unit_tested=("fct_charges",),
    ),
    Fault(
        "amounts are cut where they should be rounded",
        "code",
        ("unit test", "lock_mismatch"),
        edits=(
            Edit(
                "money.sql",
                "when 2 then cast(round({{ amount }}, 2) as decimal(22, 4))",
                "when 2 then cast(trunc({{ amount }} * 100) / 100 as decimal(22, 4))",
            ),
        ),
        start="after",
        unit_tested=("fct_charges",),
    ),
    Fault(
        "a credit is charged",
        "code",
        ("unit test",),
        edits=(
            Edit(
                "int_invoicing__credits_spread.sql",
                "then units else -units end",
                "then units else units end",
            ),
        ),
        start="after",
        unit_tested=("int_invoicing__credits_spread",),
    ),
    Fault(
        "what is closed is billed as it is now",
        "code",
        ("unit test", "grain"),
        edits=(
            Edit(
                "int_invoicing__lines_priced.sql",
                "drafts.lock_id is null\n                    and drafts",
                "drafts",
            ),
        ),
        start="after",
        unit_tested=("int_invoicing__lines_priced",),
    ),
    Fault(
        "payments of one invoice pay others",
        "code",
        ("grain", "unit test", "assert_"),
        edits=(
            Edit(
                "fct_receivables.sql",
                "on invoices.invoice_id = paid.invoice_id",
                "on invoices.invoice_id <> paid.invoice_id",
            ),
        ),
        start="after",
        unit_tested=("fct_receivables",),
    ),
    Fault(
        "revenue misses a day of each month",
        "code",
        ("unit test", "lock_mismatch"),
        edits=(
            Edit(
                "int_revenue__months_reached.sql",
                "{{ months_after('months.revenue_month', 1) }} as month_to_date",
                (
                    "cast({{ months_after('months.revenue_month', 1) }} - interval 1 day as"
                    " date) as month_to_date"
                ),
            ),
        ),
        start="after",
        unit_tested=("int_revenue__months_reached",),
    ),
    Fault(
        "months that earn little lose it",
        "code",
        ("assert_", "lock_mismatch", "unit test"),
        edits=(
            Edit(
                "int_revenue__months_computed.sql",
                "having sum(earned_amount) <> 0",
                "having sum(earned_amount) > 10",
            ),
        ),
        start="after",
        unit_tested=("int_revenue__months_computed",),
    ),
    Fault(
        "recurring revenue counts a year for a month",
        "code",
        ("unit test", "assert_mrr_is_the_sum_of_contracted_fees"),
        edits=(
            Edit(
                "fct_mrr.sql",
                "cast(coalesce(sum(fee_rates.month_amount), 0) as decimal(28, 9))",
                "cast(coalesce(sum(fee_rates.month_amount) * 12, 0) as decimal(28, 9))",
            ),
        ),
        start="after",
        unit_tested=("fct_mrr",),
    ),
    Fault(
        "what rounding leaves of a cost is given to nobody",
        "code",
        ("unit test", "assert_"),
        edits=(
            Edit(
                "int_cost__parcels_split.sql",
                "<= abs(used.used_{{ amount }}) - shared",
                "<= 0 * abs(used.used_{{ amount }}) - shared",
            ),
        ),
        start="after",
        unit_tested=("int_cost__parcels_split",),
    ),
    Fault(
        "effective cost is taken for billed cost",
        "code",
        ("unit test", "lock_mismatch", "commitment"),
        edits=(
            Edit(
                "int_cost__rows_grouped.sql",
                "sum(billed_cost_amount)",
                "sum(effective_cost_amount)",
            ),
        ),
        start="after",
        unit_tested=("int_cost__rows_grouped",),
    ),
    Fault(
        "attributed costs lose their decimals",
        "code",
        ("assert_cost_of_tenants_is_attributed_once", "unit test"),
        edits=(
            Edit(
                "fct_cost_attributions.sql",
                "cast(sum(billed_cost_amount) as decimal(38, 12))",
                "cast(cast(sum(billed_cost_amount) as decimal(38, 2)) as decimal(38, 12))",
            ),
        ),
        start="after",
    ),
    Fault(
        "cost of a tenant that nobody knows is spread over the others",
        "code",
        ("unit test",),
        edits=(
            Edit(
                "fct_cost_mappings.sql",
                "fit = 1 and unknown_tenant_id is null as is_mapped",
                "fit = 1 as is_mapped",
            ),
        ),
        start="after",
        unit_tested=("fct_cost_mappings",),
    ),
    Fault(
        "costs are posted at the rate of another month",
        "code",
        ("unit test", "assert_"),
        edits=(
            Edit(
                "int_ledger__costs_posted.sql",
                "and borne.cost_month = booked_rates.rate_month",
                "and borne.cost_month + interval 1 month = booked_rates.rate_month",
            ),
        ),
        start="after",
        unit_tested=("int_ledger__costs_posted",),
    ),
    Fault(
        "margin takes costs at the rate of another month",
        "code",
        ("unit test", "assert_"),
        edits=(
            Edit(
                "int_margin__costs_converted.sql",
                "and allocations.cost_month = exchange_rates.rate_month",
                "and allocations.cost_month + interval 1 month = exchange_rates.rate_month",
            ),
        ),
        start="after",
        unit_tested=("int_margin__costs_converted",),
    ),
    Fault(
        "debit and credit are swapped on one side",
        "code",
        ("assert_journal_entries_balance", "unit test"),
        edits=(
            Edit(
                "fct_journal_lines.sql",
                ("cast({{ later_of('-netted.amount', '0') }} as decimal(38, 12)) as credit_amount"),
                "cast({{ later_of('netted.amount', '0') }} as decimal(38, 12)) as credit_amount",
            ),
        ),
        start="after",
        unit_tested=("fct_journal_lines",),
    ),
    Fault(
        "cash is posted the wrong way round",
        "code",
        ("unit test", "assert_"),
        edits=(
            Edit(
                "int_ledger__cash_posted.sql",
                "'cash' as debit_role,\n        moved.credit_role",
                "moved.credit_role as debit_role,\n        'cash' as credit_role",
            ),
        ),
        start="after",
        unit_tested=("int_ledger__cash_posted",),
    ),
    Fault(
        "small amounts get no receipt",
        "code",
        ("receipt_missing", "refers_to"),
        edits=(
            Edit(
                "fct_rating_receipts.sql",
                "on lines_netted.status = 'rated'",
                "on lines_netted.status = 'rated' and lines_netted.net_amount > 1",
            ),
        ),
        start="after",
    ),
    Fault(
        "documents have no receipt",
        "code",
        ("receipt_missing", "refers_to"),
        edits=(
            Edit(
                "fct_receipts.sql",
                "['rating_receipts', 'policy_receipts', 'document_receipts']",
                "['rating_receipts', 'policy_receipts']",
            ),
        ),
        start="after",
    ),
    Fault(
        "the reconciliation of cost looks at one side only",
        "code",
        ("holds", "assert_", "unit test"),
        edits=(
            Edit(
                "rpt_cost_reconciliation.sql",
                "\n    where is_posted\n",
                "\n    where is_posted and billed_cost_amount > 0\n",
            ),
        ),
        start="after",
    ),
    Fault(
        "the reconciliation of intake forgets refused lines",
        "code",
        ("rpt_intake_reconciliation",),
        edits=(
            Edit(
                "rpt_intake_reconciliation.sql",
                "\n    from rejects\n",
                "\n    from rejects\n    where false\n",
            ),
        ),
        plant=lines_are_cut,
    ),
)
