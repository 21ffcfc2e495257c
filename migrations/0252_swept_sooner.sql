-- Counts and the first rows of lists are read from indexes alone, as long as a
-- page of the table is known to be seen by everybody. PostgreSQL finds that out
-- when it has changed a fifth of a table, which is years of a large business;
-- what was changed meanwhile is fetched a row at a time. After a hundredth it is
-- weeks. Its indexes are swept each time, too: while that is put off, as it is for
-- few rows, the pages that these were on count as not seen by everybody.

-- +goose NO TRANSACTION
-- +goose Up
alter table jobs set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table quotes set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table equipment set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table attachments set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table messages set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table unread_messages set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table emails set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
alter table contacts set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01, vacuum_index_cleanup = on);
