package retention

import (
	"fmt"
	"time"

	"fieldgate/internal/postgres"
)

// Size is how much there is of something.
type Size struct {
	Rows   int64
	About  bool // Rows is an estimate: there are too many to be counted for a page
	Oldest *time.Time
	Bytes  int64
}

// Sizes are what there is of each kind.
type Sizes struct {
	EmailCopies, Attempts, RemovedFiles, Activity, Events Size
	Emails, Messages, Files                               Size // always kept
	Database                                              int64
}

// counted is how many rows are counted exactly.
const counted = 100_000

// table asks for the size of a table, with its indexes and long texts. Rows are
// added in the order of key, so the first is the oldest.
func table(name, key, at string) string {
	return fmt.Sprintf(`
		select greatest(n, case when n > %[4]d then c.reltuples::bigint else 0 end) as rows, n > %[4]d as about, oldest, pg_total_relation_size(c.oid) as bytes
		from pg_class c, (select count(*) as n from (select from %[1]s limit %[4]d + 1) t) t,
			(select (select %[3]s from %[1]s order by %[2]s limit 1) as oldest) o
		where c.oid = '%[1]s'::regclass`, name, key, at, counted)
}

// QuerySizes adds how much there is to a batch.
func QuerySizes(b *postgres.Batch, into *Sizes) {
	postgres.QueryOne(b, &into.EmailCopies, table("email_copies", "at", "at"), nil)
	postgres.QueryOne(b, &into.Attempts, table("attempts", "last_at", "last_at"), nil)
	postgres.QueryOne(b, &into.Activity, table("audit_entries", "at", "at"), nil)
	postgres.QueryOne(b, &into.Events, table("events", "at", "at"), nil)
	postgres.QueryOne(b, &into.Emails, table("emails", "id", "created_at"), nil)
	postgres.QueryOne(b, &into.Messages, table("messages", "id", "at"), nil)
	postgres.QueryOne(b, &into.RemovedFiles, `
		select count(*) as rows, false as about, min(removed_at) as oldest, coalesce(sum(size), 0)::bigint as bytes from attachments where removed_at is not null and blob_key <> ''`, nil)
	postgres.QueryOne(b, &into.Files, fmt.Sprintf(`
		select n as rows, n > %[1]d as about, (select uploaded_at from attachments order by id limit 1) as oldest, (select coalesce(sum(bytes), 0)::bigint from stored_files) as bytes
		from (select count(*) as n from (select from attachments where removed_at is null limit %[1]d + 1) t) t`, counted), nil)
	postgres.QueryValue(b, &into.Database, `select pg_database_size(current_database())`, nil)
}
