-- The words of a job that change are those of its conversation, too.

-- +goose Up
create trigger jobs_words_follow after update on jobs for each row when (old.search is distinct from new.search) execute function words_of_conversation_follow();
