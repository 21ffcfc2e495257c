-- The words of files, where there are files already. Nobody has to wait who reads.

-- +goose Up
update attachments set search = search_vector(name, caption);

update jobs set file_words = files.words
from (select job_id as id, search_vector(left(string_agg(concat_ws(' ', name, caption), ' ' order by id), 40000)) as words
    from attachments where customer_view and removed_at is null and job_id is not null group by job_id) files
where files.id = jobs.id and file_words <> files.words;

update quotes set file_words = files.words
from (select quote_id as id, search_vector(left(string_agg(concat_ws(' ', name, caption), ' ' order by id), 40000)) as words
    from attachments where customer_view and removed_at is null and quote_id is not null group by quote_id) files
where files.id = quotes.id and file_words <> files.words;

update equipment set file_words = files.words
from (select equipment_id as id, search_vector(left(string_agg(concat_ws(' ', name, caption), ' ' order by id), 40000)) as words
    from attachments where customer_view and removed_at is null and equipment_id is not null group by equipment_id) files
where files.id = equipment.id and file_words <> files.words;
