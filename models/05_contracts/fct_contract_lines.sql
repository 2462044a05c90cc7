with lines_included as (
    select * from {{ ref('int_contracts__lines_included') }}
),

discounted as (
    select
        contract_line_id,
        string_agg(discount_id, '|' order by discount_id) as discount_ids
    from {{ ref('fct_contract_discounts') }}
    group by contract_line_id
),

keyed as (
    select
        lines_included.*,
        concat(lines_included.run_key, '|', coalesce(discounted.discount_ids, '')) as full_run_key
    from lines_included
    left join discounted
        on lines_included.contract_line_id = discounted.contract_line_id
),

compared as (
    select
        *,
        run_key is not null
        and lag(segment_end_at) over parts = segment_start_at
        and lag(full_run_key) over parts = full_run_key as is_continued
    from keyed
    window
        parts as (partition by billing_period_id, line_code order by segment_start_at)
),

numbered as (
    select
        *,
        sum(case when is_continued then 0 else 1 end) over (
            partition by billing_period_id, line_code order by segment_start_at
        ) as run_number
    from compared
),

-- The spine of fees and rating. Parts of a period under the same terms are rated as one run, each
-- for what it adds to it; what is free or bounded is so for all of the run.
final as (
    select
        contract_line_id,
        segment_id,
        billing_period_id,
        contract_id,
        tenant_id,
        plan_version_id,
        policy_decision_id,
        plan_line_id,
        line_code,
        lag(contract_line_id) over run as former_contract_line_id,
        lead(contract_line_id) over run is null as is_run_end,
        line_kind,
        pack_id,
        meter_id,
        charge_model,
        environments,
        tiers_per,
        description,
        currency_code,
        minor_unit,
        period_month,
        full_day_count,
        segment_day_count,
        cast(sum(segment_day_count) over run as bigint) as rated_day_count,
        free_quantity,
        package_size,
        segment_start_date,
        segment_end_date,
        min(segment_start_at) over run as rated_from_at,
        segment_start_at,
        segment_end_at
    from numbered
    window
        run as (
            partition by billing_period_id, line_code, run_number order by segment_start_at
            rows between unbounded preceding and unbounded following
        )
)

select * from final
