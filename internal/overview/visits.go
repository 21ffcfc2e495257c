package overview

import (
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
)

// VisitAnswer is another time of a visit that a contact asks for, and that
// nobody has said anything to.
type VisitAnswer struct {
	Number      string
	Name        string
	Description string
	Version     int64
	Customer    string
	By          string
	At          time.Time
	BookedFrom  *time.Time
	BookedUntil *time.Time
	Wishes      []job.Wish
	Reason      string
}

// Booking is the visit as it stands.
func (a VisitAnswer) Booking() job.Booking {
	return job.Booking{From: a.BookedFrom, Until: a.BookedUntil}
}

// QueryVisitAnswers adds a query for the answers to visits that wait for the
// office, whose visit is next first.
func QueryVisitAnswers(b *postgres.Batch, into *[]VisitAnswer, most int) {
	postgres.Query(b, into, `
		select j.number, j.name, left(j.description, 400) as description, j.version, cu.name as customer, c.name as by, a.at, j.booked_from, j.booked_until, a.wishes, a.reason
		from visit_answers a
		join jobs j on j.id = a.job_id
		join customers cu on cu.id = j.customer_id
		join contacts c on c.id = a.contact_id
		where not a.suits and a.kept_at is null and j.status = any(@expected)
		order by j.booked_from, a.job_id limit @most`, pgx.NamedArgs{"expected": job.ExpectedStatuses, "most": most})
}
