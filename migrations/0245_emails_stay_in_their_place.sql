-- An email is written, handed over and sent within a moment. Where its page has
-- room for that, the first of the two changes leaves all indexes alone.

-- +goose Up
alter table emails set (fillfactor = 70);
