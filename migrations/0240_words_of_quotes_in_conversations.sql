-- The words of a quote that change are those of its conversation, too.

-- +goose Up
create trigger quotes_words_follow after update on quotes for each row when (old.search is distinct from new.search) execute function words_of_conversation_follow();
