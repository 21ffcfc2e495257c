-- +goose NO TRANSACTION
-- By which the highest number in use is found.

-- +goose Up
create index concurrently if not exists customers_by_number on customers (number_value('C-', number)) where number_value('C-', number) is not null;
create index concurrently if not exists quotes_by_number on quotes (number_value('Q-', number)) where number_value('Q-', number) is not null;
create index concurrently if not exists jobs_by_number on jobs (number_value('J-', number)) where number_value('J-', number) is not null;
