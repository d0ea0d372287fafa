-- Barista certificates and how long they are good.
-- Grain: one row per certificate.
with certificates as (
    select * from raw.hr__certificates
)

select
    certificate_no,
    employee_no as employee_key,
    earned_on as earned_date,
    valid_until as valid_until_date
from certificates
