-- The words of a quote stand beside it. Long terms made rows so large that their
-- words, too, were kept elsewhere: looking through 1,000 quotes read another
-- 1,000 times. Of what is large, other columns go first now.

-- +goose Up
alter table quotes alter column search set storage main;
