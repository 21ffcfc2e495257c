package job_test

import (
	"testing"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
)

// A wish keeps how long the visit takes, and its hour where that fits; it stays
// on its day whatever clocks do.
func TestWhatAWishComesTo(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 5, 1, 0, 0, 0, 0, time.UTC)
	f := company.NewFormat(now, "America/Santiago", "en-AU", "AUD")
	at := func(on day.Day, hour, minute int) time.Time { t, _ := on.At(hour, minute, f.Zone()); return t }
	monday, spring := day.New(2031, 5, 5), day.New(2031, 9, 7) // on which Santiago has no midnight
	morning, afternoon := at(monday, 9, 30), at(monday, 15, 0)
	for _, tt := range []struct {
		name   string
		booked time.Time
		length time.Duration
		wish   job.Wish
		want   string
	}{
		{"another morning, at its hour", morning, 2 * time.Hour, job.Wish{On: day.New(2031, 5, 9), When: job.Morning}, "2031-05-09 09:30–11:30"},
		{"an afternoon instead of a morning", morning, time.Hour, job.Wish{On: monday, When: job.Afternoon}, "2031-05-05 13:00–14:00"},
		{"a morning instead of an afternoon", afternoon, time.Hour, job.Wish{On: day.New(2031, 5, 6), When: job.Morning}, "2031-05-06 08:00–09:00"},
		{"at a time", morning, 90 * time.Minute, job.Wish{On: day.New(2031, 5, 6), When: "07:15"}, "2031-05-06 07:15–08:45"},
		{"without an end", morning, 0, job.Wish{On: day.New(2031, 5, 6), When: "07:15"}, "2031-05-06 07:15"},
		{"on a day without midnight", morning, time.Hour, job.Wish{On: spring, When: "08:00"}, "2031-09-07 08:00–09:00"},
	} {
		booked := job.Booking{From: &tt.booked}
		if tt.length > 0 {
			booked.Until = new(tt.booked.Add(tt.length))
		}
		b := tt.wish.Booking(booked, f)
		got := f.Local(*b.From).Format("2006-01-02 15:04")
		if b.Until != nil {
			got += "–" + f.Local(*b.Until).Format("15:04")
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestWhatMayBeWishedFor(t *testing.T) {
	t.Parallel()
	f := company.NewFormat(time.Date(2031, 5, 5, 2, 0, 0, 0, time.UTC), "Australia/Sydney", "en-AU", "AUD") // noon there
	today, later, skips := day.New(2031, 5, 5), day.New(2031, 5, 6), day.New(2031, 10, 5)
	for _, tt := range []struct {
		name  string
		wish  job.Wish
		field string // of the problem; "" for none
	}{
		{"a morning to come", job.Wish{On: later, When: job.Morning}, ""},
		{"this morning, which is over", job.Wish{On: today, When: job.Morning}, "on"},
		{"eight today", job.Wish{On: today, When: "08:00"}, "on"},
		{"what is left of today", job.Wish{On: today, When: job.Afternoon}, ""},
		{"this afternoon", job.Wish{On: today, When: "15:00"}, ""},
		{"yesterday", job.Wish{On: today.AddDays(-1), When: job.Afternoon}, "on"},
		{"no day", job.Wish{When: job.Morning}, "on"},
		{"no time", job.Wish{On: later}, "when"},
		{"no time of day", job.Wish{On: later, When: "25:00"}, "when"},
		{"an hour that clocks skip", job.Wish{On: skips, When: "02:30"}, "time"},
	} {
		p := job.NewAnswer{Wishes: []job.Wish{tt.wish}}.Check(f)
		if (len(p) == 0) != (tt.field == "") || (tt.field != "" && p[job.WishField(0, tt.field)] == "") {
			t.Errorf("%s: %v", tt.name, p)
		}
	}
	if p := (job.NewAnswer{}).Check(f); p[job.WishField(0, "on")] == "" {
		t.Errorf("no wish at all: %v", p)
	}
}
