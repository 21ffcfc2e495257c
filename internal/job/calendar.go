package job

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/address"
	"fieldgate/internal/calendar"
	"fieldgate/internal/postgres"
)

// InCalendars are the statuses of jobs whose visit calendars show: it is to come,
// or it took place. One that was called off is not there.
var InCalendars = []Status{Booked, InProgress, Completed, Closed}

// CalendarVisit is a visit as staff have it in their calendar. How to get in is
// not said: a calendar's address goes to phones and to whoever runs the calendar,
// where gate codes and hidden keys must not be.
type CalendarVisit struct {
	Number       string
	Name         string
	Description  string
	Customer     string
	Site         string
	Address      address.Address
	SiteContact  string
	Contact      string
	ContactPhone string
	From         time.Time
	Until        *time.Time
	Version      int64
	Changed      time.Time // the job, or what stands beside it: the address of a site that has moved
}

// Title is what the job is called.
func (v CalendarVisit) Title() string { return Title(v.Name, v.Description) }

// QueryCalendar adds queries for the visits in a window: those that a member of
// staff is assigned to, or of the whole business when staff is 0.
func QueryCalendar(b *postgres.Batch, into *[]CalendarVisit, staff int64, w calendar.Window) {
	whose := ""
	if staff != 0 {
		whose = ` and j.id in (select js.job_id from job_staff js where js.staff_id = @staff)`
	}
	args := pgx.NamedArgs{"staff": staff, "statuses": InCalendars, "from": w.From, "now": w.Now, "until": w.Until}
	for _, part := range []struct {
		time, order string
		most        int
	}{{`j.booked_key >= @from and j.booked_key < @now`, "desc", calendar.MostBack}, {`j.booked_key >= @now and j.booked_key < @until`, "asc", calendar.MostAhead}} {
		var some []CalendarVisit
		b.Add(fmt.Sprintf(`
			select j.number, j.name, left(j.description, 2000) as description, coalesce(nullif(cu.company_name, ''), cu.name) as customer, coalesce(s.name, '') as site, coalesce(s.address, cu.street) as address,
				coalesce(s.site_contact, '') as site_contact, coalesce(c.name, '') as contact, coalesce(nullif(c.mobile, ''), nullif(c.phone, ''), nullif(cu.phone, ''), cu.mobile) as contact_phone,
				j.booked_from as from, j.booked_until as until, j.version, greatest(j.changed_at, cu.updated_at, s.updated_at, c.updated_at) as changed
			from jobs j
			join customers cu on cu.id = j.customer_id
			left join sites s on s.id = j.site_id
			left join contacts c on c.id = j.main_contact_id
			where %s and j.status = any(@statuses)%s
			order by j.booked_key %s, j.id %[3]s limit %[4]d`, part.time, whose, part.order, part.most), args, func(rows pgx.Rows) (err error) {
			if some, err = pgx.CollectRows(rows, pgx.RowToStructByName[CalendarVisit]); err == nil {
				*into = append(*into, some...)
			}
			return err
		})
	}
}
