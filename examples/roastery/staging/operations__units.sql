-- The units of the scorecard by the codes that finance, CRM and operations share.
-- Grain: one row per code.
with units as (
    select * from raw.operations__units
)

select
    unit_code,
    unit_id,
    region as region_id,
    channel
from units
