-- Keep the first rows that break rules, and forget the others.
-- Grain: one row per row of the load and rule broken.
delete from broken
where (landed_file, landed_row) not in (
    select
        landed_file,
        landed_row
    from (
        select distinct
            landed_file,
            landed_row
        from broken
    ) as concerned
    order by landed_file, landed_row
    limit $keep
)
