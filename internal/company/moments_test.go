package company_test

import (
	"slices"
	"testing"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

// What a day and a time of day come to is answered by day.Day.At in Go and by
// moment_of in the database, in the same way: in each time zone that a business
// may have, on the days around each change of its clocks.
func TestMomentsAroundChangesOfClocks(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), dbtest.New(t)
	var zones []string
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { company.QueryZones(b, &zones) }); err != nil {
		t.Fatal(err)
	}
	type asked struct {
		zone         string
		on           day.Day
		hour, minute int
	}
	var all []asked
	var on, clock, names []string
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue // known to the database alone: nobody can choose it
		}
		days := map[day.Day]bool{}
		for at, end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); {
			_, change := at.In(zone).ZoneBounds()
			if change.IsZero() || change.After(end) {
				break
			}
			for n := -1; n <= 1; n++ {
				days[day.Of(change, zone).AddDays(n)] = true
			}
			at = change
		}
		for d := range days {
			for half := range 48 {
				if half >= 10 && half < 42 {
					continue // clocks are changed at night
				}
				a := asked{name, d, half / 2, half % 2 * 30}
				all = append(all, a)
				on, clock, names = append(on, d.String()), append(clock, time.Date(0, 1, 1, a.hour, a.minute, 0, 0, time.UTC).Format("15:04")), append(names, name)
			}
		}
	}
	if len(all) < 5_000 {
		t.Fatalf("%d times of day in %d zones: the test does not see the changes of clocks", len(all), len(zones))
	}
	rows, err := db.Query(ctx, `select moment_of(d::date, c::time, z), moment_of(d::date, c::time, z) at time zone z from unnest($1::text[], $2::text[], $3::text[]) with ordinality u (d, c, z, n) order by n`, on, clock, names)
	if err != nil {
		t.Fatal(err)
	}
	var at, local time.Time
	n, skipped, twice := 0, 0, 0
	for rows.Next() {
		a := all[n]
		n++
		if err := rows.Scan(&at, &local); err != nil {
			t.Fatal(err)
		}
		zone, _ := time.LoadLocation(a.zone)
		got, shown := a.on.At(a.hour, a.minute, zone)
		if wall := got.In(zone); wall.Format("2006-01-02 15:04") != at.In(zone).Format("2006-01-02 15:04") || (local.Format("15:04") == wall.Format("15:04") && !got.Equal(at)) {
			t.Errorf("%s %s %02d:%02d: %v, the database %v", a.zone, a.on, a.hour, a.minute, got, at)
		}
		reads := func(t time.Time) bool {
			return day.Of(t, zone) == a.on && t.In(zone).Hour() == a.hour && t.In(zone).Minute() == a.minute
		}
		apart := []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} // by as much as clocks are changed
		earlier := slices.ContainsFunc(apart, func(d time.Duration) bool { return reads(got.Add(-d)) })
		later := slices.ContainsFunc(apart, func(d time.Duration) bool { return reads(got.Add(d)) })
		switch {
		case day.Of(got, zone) != a.on && (shown || a.hour < 12): // the last hour of a day may be skipped, too
			t.Errorf("%s %s %02d:%02d lies on %s", a.zone, a.on, a.hour, a.minute, day.Of(got, zone))
		case reads(got) != shown, earlier:
			t.Errorf("%s %s %02d:%02d: %v, shown %v, shown earlier %v", a.zone, a.on, a.hour, a.minute, got, shown, earlier)
		case !shown:
			skipped++
		case later:
			twice++
		}
		if start := a.on.Time(zone); day.Of(start, zone) != a.on || day.Of(start.Add(-time.Second), zone) == a.on {
			t.Errorf("%s %s does not begin at %v", a.zone, a.on, start)
		}
	}
	if err := rows.Err(); err != nil || n != len(all) || skipped == 0 || twice == 0 {
		t.Errorf("%d of %d, %d skipped, %d twice, %v", n, len(all), skipped, twice, err)
	}
}

func TestADayWithoutMidnight(t *testing.T) {
	t.Parallel()
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	spring := day.New(2027, time.September, 5)
	for _, tt := range []struct {
		hour, minute int
		want         string
		shown        bool
	}{
		{0, 0, "2027-09-05T01:00:00-03:00", false},
		{0, 30, "2027-09-05T01:30:00-03:00", false},
		{1, 0, "2027-09-05T01:00:00-03:00", true},
		{8, 0, "2027-09-05T08:00:00-03:00", true},
	} {
		if got, shown := spring.At(tt.hour, tt.minute, santiago); got.Format(time.RFC3339) != tt.want || shown != tt.shown {
			t.Errorf("%02d:%02d: %s, %v", tt.hour, tt.minute, got.Format(time.RFC3339), shown)
		}
	}
	if start := spring.Time(santiago); start.Format(time.RFC3339) != "2027-09-05T01:00:00-03:00" {
		t.Errorf("the day begins at %s", start)
	}
}
