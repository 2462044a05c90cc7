with unallocated_costs as (
    select * from {{ ref('fct_unallocated_costs') }}
),

rejected_rows as (
    select * from {{ ref('fct_rejected_cost_rows') }}
),

focus_violations as (
    select * from {{ ref('exc_focus_violations') }}
),

third_party_overages as (
    select * from {{ ref('exc_third_party_overages') }}
),

commitment_imbalances as (
    select * from {{ ref('exc_commitment_imbalances') }}
),

final as (
    select
        {{ signal(
            'orphaned_cost', 'service', "concat_ws(':', provider, service_name)", 'cost_month',
            'source_row_count',
            "concat(source_row_count, ' rows, ', billed_cost_amount, ' ', currency_code, ' billed: ', reason)"
        ) }}
    from unallocated_costs
    union all
    select
        {{ signal(
            'rejected_cost_rows', 'landed_file', "concat(landed_file, ': ', reason)",
            'cast(landed_at as date)', '1', "concat('line ', line_number, ': ', reasons)"
        ) }}
    from rejected_rows
    union all
    select
        {{ signal(
            'focus_violation', 'provider', "concat_ws(': ', provider, broken_rule)",
            'cast(landed_at as date)', '1', "concat(landed_file, ' line ', line_number, ' has ', found_text)"
        ) }}
    from focus_violations
    union all
    select
        {{ signal(
            'third_party_overage', 'provider', "concat_ws(':', provider, hint_sku, currency_code)", 'usage_month',
            '1', "concat(reason, ': billed ', billed_cost_amount, ', hinted ', hinted_cost_amount)"
        ) }}
    from third_party_overages
    union all
    select
        {{ signal(
            'commitment_imbalance', 'commitment', "concat_ws(':', provider, commitment_discount_id)",
            'balance_month', '1', "concat(reason, ': ', prepaid_balance_amount, ' ', currency_code)"
        ) }}
    from commitment_imbalances
)

select * from final
