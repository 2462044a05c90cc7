{%- set actions = (
    'amend_contract', 'apply_discount', 'approve', 'change_price_plan', 'close_period',
    'grant_credit', 'issue_credit_memo', 'issue_debit_memo', 'issue_invoice', 'rebill_invoice',
    'record_payment', 'refund_payment', 'send_invoice', 'void_invoice', 'write_off',
) -%}
{%- set tolerance = 'interval ' ~ (var('future_tolerance_minutes') | int) ~ ' minute' -%}
{%- set required = {
    'id': 'entry_id', 'at': 'at_text', 'actor_id': 'actor_id', 'subject_type': 'subject_type',
    'subject_id': 'subject_id',
} -%}
with policy_lines as (
    select * from {{ ref('stg_landing__policy_lines') }}
),

-- A decision holds from when it was taken, for one act, and without end, unless it says otherwise.
defaulted as (
    select
        *,
        source_folder = 'policy_decisions' as is_decision,
        case when scope is null or scope in ('one act', 'act') then 'one_act' else scope end
            as scope_read,
        case when valid_from_text is null then entered_at else valid_from_at end
            as valid_from_read_at,
        case
            when valid_to_text is null then cast('9999-12-31' as timestamp) else valid_to_at
        end as valid_to_read_at
    from policy_lines
),

judged as (
    select
        *,
        {{ content_id([
            'entered_at', 'actor_id', 'rule_id', 'effect', 'action', 'subject_type', 'subject_id',
            "case when is_decision then scope_read end",
            "case when is_decision then valid_from_read_at end",
            "case when is_decision then valid_to_read_at end",
            "case when not is_decision then policy_decision_id end",
            "case when not is_decision then " ~ canonical_json('payload') ~ " end",
        ]) }} as content_key,
        case when not is_json then 'malformed_json' else concat_ws(
            ',',
            {% for field, column in required.items() -%}
                case when {{ column }} is null then 'missing_{{ field }}' end,
            {% endfor -%}
            case when is_decision and rule_id is null then 'missing_rule_id' end,
            case when is_decision and effect is null then 'missing_effect' end,
            case when not is_decision and action is null then 'missing_action' end,
            case
                when at_text is not null and coalesce(entered_at < '2000-01-01', true)
                    then 'bad_timestamp'
            end,
            case when entered_at > landed_at + {{ tolerance }} then 'future_timestamp' end,
            case when is_decision and effect not in ('allow', 'deny') then 'bad_effect' end,
            case
                when is_decision and scope_read not in ('one_act', 'standing') then 'bad_scope'
            end,
            case
                when
                    is_decision and entered_at is not null
                    and coalesce(valid_from_read_at >= valid_to_read_at, true)
                    then 'bad_validity'
            end,
            case
                when not is_decision and action not in {{ actions }}
                    then 'unknown_action'
            end,
            case
                when not is_decision and not starts_with(ltrim(payload), '{')
                    then 'bad_payload'
            end,
            case when amount_text is not null and act_amount is null then 'bad_amount' end,
            case when ratio_text is not null and act_ratio is null then 'bad_ratio' end
        ) end as reasons
    from defaulted
),

final as (
    select
        landed_file,
        line_number,
        source_folder,
        entry_id,
        actor_id,
        rule_id,
        effect,
        action,
        subject_type,
        subject_id,
        scope_read as scope,
        policy_decision_id,
        currency_code,
        act_amount,
        act_ratio,
        payload,
        content_key,
        entered_at,
        valid_from_read_at as valid_from_at,
        valid_to_read_at as valid_to_at,
        reasons,
        raw_line,
        landed_at
    from judged
)

select * from final
