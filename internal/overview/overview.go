// Package overview gathers what needs somebody's attention in the office.
package overview

import (
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Counts are how much there is to look at besides the queue, each up to 1,001.
type Counts struct {
	NewEquipment    int // added by contacts in the last days
	ChangedDetails  int // changes by contacts in the last days
	Today           int // jobs booked for today
	OpenInvitations int
}

// Visit is a job booked for today or later.
type Visit struct {
	Number      string
	Name        string
	Description string
	Customer    string
	Site        string
	From        time.Time
	Until       *time.Time
	Status      job.Status
	Staff       []string
}

// Overview is what the office's home shows. Its lists hold the first few.
type Overview struct {
	Counts
	Visits []Visit
}

// few is how long the lists are.
const few = 6

// todaySQL is the business's day in SQL. Its function business_day() is planned
// anew by each statement, which takes longer than what most of these read.
const todaySQL = `(select (now() at time zone time_zone)::date from company)`

// todayOfCo is the same in a statement in which co is the company.
const todayOfCo = `(now() at time zone co.time_zone)::date`

// Query adds the questions to a batch. Today begins at begin and ends at end.
func Query(b *postgres.Batch, o *Overview, begin, end time.Time) {
	postgres.QueryOne(b, &o.Counts, `
		select (select count(*) from (select from equipment where origin = 'portal' and created_at > now() - @recent::interval limit 1001) n) as new_equipment,
			(select count(*) from (select from detail_changes where at > now() - @recent::interval limit 1001) n) as changed_details,
			(select count(*) from (select from jobs where booked_key >= @begin and booked_key < @end limit 1001) n) as today,
			(select count(*) from (select from contacts where access = 'invited' and archived_at is null
				and customer_id not in (select id from customers where archived_at is not null) limit 1001) n) as open_invitations`, pgx.NamedArgs{"recent": audit.Recent, "begin": begin, "end": end})
	postgres.Query(b, &o.Visits, nextVisits("true", few), pgx.NamedArgs{"begin": begin})
}

// nextVisits are the first jobs booked from @begin on that fit a condition on jobs j.
// How many is written out: a planner who does not know it expects many and sorts.
func nextVisits(where string, few int) string {
	return `
		select j.number, j.name, left(j.description, 400) as description, cu.name as customer, coalesce(s.name, '') as site,
			j.booked_from as from, j.booked_until as until, j.status,
			array(select m.name from job_staff js join staff m on m.id = js.staff_id where js.job_id = j.id order by m.name) as staff
		from jobs j
		join customers cu on cu.id = j.customer_id
		left join sites s on s.id = j.site_id
		where ` + where + ` and j.booked_key >= @begin and ` + list.Is("j.status", job.ExpectedStatuses...) + `
		order by j.booked_key, j.id limit ` + strconv.Itoa(few)
}
