-- Where the rows of the raw tables lie, and which of them are held back.
-- Grain: lake.file one row per Parquet file of a good load, lake.held_row one row per row held back.
create schema if not exists lake;
create schema if not exists raw;
create table if not exists lake.file (
    face varchar,
    path varchar,
    load_id varchar,
    load_number bigint,
    extracted_at timestamp
);
create table if not exists lake.held_row (
    face varchar,
    path varchar,
    file_row_number bigint
);
