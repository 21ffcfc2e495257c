package settings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/day"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Cut is an age limit that may be chosen, and how many finished jobs it hides
// now, exactly up to list.MaxCount.
type Cut struct {
	Months int     // the last so many, or
	Since  day.Day // since this day
	Hides  int
}

// usual are the age limits whose effect is always shown, in months.
var usual = []int{6, 12, 24, 36}

// QueryCuts adds what the usual age limits would hide at this moment; the first
// is the one of s, when it has one that is complete.
func QueryCuts(b *postgres.Batch, into *[]Cut, s Settings, zone *time.Location) {
	var cuts []Cut
	switch {
	case s.AgeLimit == Months && s.AgeLimitMonths >= 1 && s.AgeLimitMonths <= MaxMonths:
		cuts = append(cuts, Cut{Months: s.AgeLimitMonths})
	case s.AgeLimit == Since && !s.AgeLimitSince.IsZero():
		cuts = append(cuts, Cut{Since: s.AgeLimitSince})
	}
	for _, months := range usual {
		if len(cuts) == 0 || cuts[0].Months != months {
			cuts = append(cuts, Cut{Months: months})
		}
	}
	months, since := make([]int, len(cuts)), make([]*time.Time, len(cuts))
	for i, c := range cuts {
		months[i] = c.Months
		if c.Months == 0 {
			at := c.Since.Time(zone)
			since[i] = &at
		}
	}
	// The cut-off is the portal's own: midnight of a day, company's time zone.
	b.Add(fmt.Sprintf(`
		select (select count(*) from (select from jobs where aged_at < c.cutoff and aged_at < 'infinity' limit %d) hidden)
		from (select n, coalesce(since, moment_of(((select business_day()) - make_interval(months => months))::date, '00:00', co.time_zone)) as cutoff
			from unnest(@months::int[], @since::timestamptz[]) with ordinality u(months, since, n), company co) c
		order by c.n`, list.MaxCount+1), pgx.NamedArgs{"months": months, "since": since}, func(rows pgx.Rows) error {
		counts, err := pgx.CollectRows(rows, pgx.RowTo[int])
		for i, n := range counts {
			cuts[i].Hides = n
		}
		*into = cuts
		return err
	})
}

// Told are the addresses that are told when a contact creates a job of this
// type: those of the type and those for all jobs, each once.
func (s Settings) Told(t JobType) []string {
	var told []string
	for _, address := range append(slices.Clone(t.Addresses), s.JobNotifications...) {
		if !slices.ContainsFunc(told, func(other string) bool { return strings.EqualFold(other, address) }) {
			told = append(told, address)
		}
	}
	return told
}
