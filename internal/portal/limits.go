package portal

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// What a contact may send within an hour. What was sent is counted where it
// lies, so that nothing else can differ from it; the contact's row is locked
// meanwhile, so that what is sent at the same time is counted, too.
const (
	MaxRequests = 20 // jobs and quotes
	MaxMessages = 60
	MaxFiles    = 200
	MaxBytes    = 1 << 30
)

// checkRequest refuses one more job or quote of a customer on hold, and of a
// contact who has asked for enough.
func checkRequest(ctx context.Context, tx postgres.Tx, now Viewer) error {
	var sent hourly
	if err := postgres.Read(ctx, tx, func(b *postgres.Batch) { queryRequests(b, &sent, now) }); err != nil {
		return fmt.Errorf("count what was sent in an hour: %w", err)
	}
	return now.checkRequests(sent)
}

// askedFor are the newest jobs and quotes that a contact has asked for.
const askedFor = `
	(select created_at as at from jobs where created_by_contact_id = @contact order by 1 desc limit @most)
	union all
	(select created_at from quotes where created_by_contact_id = @contact order by 1 desc limit @most)`

// queryRequests adds the query for how many jobs and quotes the viewer has asked for.
func queryRequests(b *postgres.Batch, into *hourly, v Viewer) {
	queryHourly(b, into, v, MaxRequests, askedFor)
}

func (v Viewer) checkRequests(sent hourly) error {
	if err := refuseOnHold(v); err != nil {
		return err
	}
	return sent.check(v, MaxRequests, "asked for %d jobs and quotes", "The next one can be sent")
}

// checkMessages refuses one more message than a contact may write.
func checkMessages(ctx context.Context, db postgres.DB, v Viewer) error {
	return v.checkHourly(ctx, db, MaxMessages, "written %d messages", "The next one can be sent", `
		select at from messages where contact_id = @contact order by 1 desc limit @most`)
}

// checkHourly refuses what would be more than most within an hour, of which newest
// finds as many; done and next are parts of the sentence that says so.
func (v Viewer) checkHourly(ctx context.Context, db postgres.DB, most int, done, next, newest string) error {
	var sent hourly
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { queryHourly(b, &sent, v, most, newest) }); err != nil {
		return fmt.Errorf("count what was sent in an hour: %w", err)
	}
	return sent.check(v, most, done, next)
}

// hourly is how much was sent within an hour, and in how many seconds there will
// be less of it.
type hourly struct {
	n    int
	wait float64
}

func queryHourly(b *postgres.Batch, into *hourly, v Viewer, most int, newest string) {
	b.Add(withinHour(newest), pgx.NamedArgs{"contact": v.Contact, "most": most}, one(&into.n, &into.wait))
}

// withinHour counts those of an hour among the newest of a contact. The newest are taken
// first, in the order of an index: asked for those of an hour, PostgreSQL looks through
// everybody's, of which it expects none.
func withinHour(newest string) string {
	return `
		select count(*), coalesce(extract(epoch from min(at) + interval '1 hour' - now()), 0)::float8
		from (select at from (` + newest + `) newest order by at desc limit @most) newest where at > now() - interval '1 hour'`
}

func (h hourly) check(v Viewer, most int, done, next string) error {
	if h.n < most {
		return nil
	}
	return v.tooMany(fmt.Sprintf("You have "+done+" within an hour.", most), next, h.wait)
}

// tooMany says what somebody has done, and when they can go on.
func (v Viewer) tooMany(done, next string, seconds float64) error {
	wait := time.Duration(max(math.Ceil(seconds/60), 1)) * time.Minute
	words := done + " " + next + " in " + day.Span(wait) + "."
	if v.Business.Phone != "" {
		words += " If it cannot wait, call " + v.Business.Name + " on " + v.Business.Phone + "."
	}
	return apperr.TooMany{Words: words, Wait: wait}
}

// room is how many files the viewer may send now: what is left of the hour, and
// of the customer's quota.
func room(ctx context.Context, db postgres.DB, v Viewer) (attachment.Room, error) {
	var sent sentFiles
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { querySentFiles(b, &sent, v) }); err != nil {
		return nil, fmt.Errorf("count the files sent in an hour: %w", err)
	}
	return sent.room(v), nil
}

// sentFiles are the files that somebody has sent within an hour, and what their
// customer's take.
type sentFiles struct {
	files int
	bytes int64
	wait  float64
	usage attachment.Usage
}

// sentOf are the files of an hour, each counted once.
const sentOf = `
	select count(*), coalesce(sum(size), 0)::bigint, coalesce(extract(epoch from min(at) + interval '1 hour' - now()), 0)::float8
	from (select min(uploaded_at) as at, min(size) as size from attachments
		where uploaded_by_contact_id = @contact and uploaded_at > now() - interval '1 hour' group by blob_key) sent`

func querySentFiles(b *postgres.Batch, into *sentFiles, v Viewer) {
	b.Add(sentOf, pgx.NamedArgs{"contact": v.Contact}, one(&into.files, &into.bytes, &into.wait))
	attachment.QueryUsageOf(b, &into.usage, v.Customer)
}

func (s sentFiles) room(v Viewer) attachment.Room {
	files, bytes, wait, usage := s.files, s.bytes, s.wait, s.usage
	hour := attachment.Bound{Files: max(MaxFiles-files, 0), Bytes: max(MaxBytes-bytes, 0)}
	switch {
	case files == 0:
		hour.Over = apperr.TooMany{Words: fmt.Sprintf("That is more than %d files or 1 GB, the most within an hour. Send some of them now and the others later.", MaxFiles), Wait: time.Hour}
	case hour.Files == 0 || hour.Bytes == 0:
		hour.Over = v.tooMany(fmt.Sprintf("You have sent %d files within an hour.", files), "More can be sent", wait)
	default:
		hour.Over = v.tooMany(fmt.Sprintf("You have sent %d files within an hour, and %d more or %d MB can be sent now.", files, hour.Files, hour.Bytes>>20), "Send fewer, or the others", wait)
	}
	return attachment.Room{hour, {
		Files: attachment.NoBound, Bytes: max(usage.Quota-usage.Used, 0),
		Over: apperr.TooMany{Words: "There is no space left for more files of " + v.CustomerName + ". Ask " + v.Business.Name + " to make room."},
	}}
}
