package queue

import "fmt"

// Whoever has work done behind a request looks again whether it was: a job may
// be lost with its table, or given up. NoJob and GivenUp are conditions in SQL
// for that, about the job of a kind whose argument arg is the value of id.

// NoJob says that no job stands for id any more.
func NoJob(kind, arg, id string) string {
	return fmt.Sprintf(`not exists (select from river_job j where j.kind = '%s' and j.args @> jsonb_build_object('%s', %s) and j.state not in ('completed', 'cancelled', 'discarded'))`, kind, arg, id)
}

// GivenUp says that a job for id was given up two days ago.
func GivenUp(kind, arg, id string) string {
	return fmt.Sprintf(`exists (select from river_job j where j.kind = '%s' and j.args @> jsonb_build_object('%s', %s) and j.state = 'discarded' and j.finalized_at < now() - interval '2 days')`, kind, arg, id)
}
