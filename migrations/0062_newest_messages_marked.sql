-- The newest message of each conversation there is. One that is written meanwhile
-- takes the mark from those before it, and a mark that was taken is not given again.

-- +goose Up
update messages m set newest = true
where newest is null and not staff_only
    and not exists (select from messages n where n.job_id = m.job_id and (n.at, n.id) > (m.at, m.id) and not n.staff_only)
    and not exists (select from messages n where n.quote_id = m.quote_id and (n.at, n.id) > (m.at, m.id) and not n.staff_only);
-- Of two written at the same moment both could be marked.
update messages set unanswered = false where unanswered and newest is not true;
