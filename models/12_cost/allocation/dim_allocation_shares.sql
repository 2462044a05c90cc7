with allocation_rules as (
    select * from {{ ref('stg_catalogue__allocation_rules') }}
),

shares as (
    select * from {{ ref('stg_catalogue__allocation_shares') }}
),

-- What a rule lacks to the whole is a share too, which goes to nobody.
shares_whole as (
    select
        allocation_rule_id,
        rule_version,
        share_number,
        share_ratio as rule_share_ratio,
        driver,
        driver_meter_id,
        next_allocation_rule_id,
        tenant_ids,
        same_as,
        capacity_quantity
    from shares
    union all
    select
        allocation_rule_id,
        rule_version,
        cast(0 as integer) as share_number,
        cast(1 - sum(share_ratio) as decimal(16, 9)) as rule_share_ratio,
        'nobody' as driver,
        null as driver_meter_id,
        null as next_allocation_rule_id,
        null as tenant_ids,
        null as same_as,
        null as capacity_quantity
    from shares
    group by
        allocation_rule_id,
        rule_version
    having sum(share_ratio) < 1
),

final as (
    select
        allocation_rules.allocation_rule_id,
        allocation_rules.rule_version,
        allocation_rules.driver_grain,
        allocation_rules.zero_driver,
        allocation_rules.effective_from_at,
        allocation_rules.effective_to_at,
        shares_whole.share_number,
        shares_whole.rule_share_ratio,
        shares_whole.driver,
        shares_whole.driver_meter_id,
        shares_whole.next_allocation_rule_id,
        shares_whole.tenant_ids,
        shares_whole.same_as,
        shares_whole.capacity_quantity
    from allocation_rules
    inner join shares_whole
        on
            allocation_rules.allocation_rule_id = shares_whole.allocation_rule_id
            and allocation_rules.rule_version = shares_whole.rule_version
)

select * from final
