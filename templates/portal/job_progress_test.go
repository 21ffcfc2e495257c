package portalview

import (
	"strings"
	"testing"
	"time"

	"fieldgate/internal/day"
	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/portal"
)

// The way of a job in the customer's words: * is where it stands, ✓ what is behind it.
func TestStages(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		portal  bool
		history []job.Status // a day after the other
		want    string
	}{
		{"asked for", true, []job.Status{job.StatusNew}, "*Requested 2 Mar 2026, Being scheduled, Visit booked, Under way, Done"},
		{"being scheduled", true, []job.Status{job.StatusNew, job.Unscheduled}, "✓Requested 2 Mar 2026, *Being scheduled 3 Mar 2026, Visit booked, Under way, Done"},
		{"booked at once", false, []job.Status{job.Booked}, "✓Created 2 Mar 2026, *Visit booked 2 Mar 2026, Under way, Done"},
		{"under way", true, []job.Status{job.StatusNew, job.Booked, job.InProgress}, "✓Requested 2 Mar 2026, ✓Visit booked 3 Mar 2026, *Under way 4 Mar 2026, Done"},
		{"done", true, []job.Status{job.StatusNew, job.Unscheduled, job.Booked, job.InProgress, job.Completed}, "✓Requested 2 Mar 2026, ✓Being scheduled 3 Mar 2026, ✓Visit booked 4 Mar 2026, ✓Under way 5 Mar 2026, ✓Done 6 Mar 2026"},
		{"closed", false, []job.Status{job.Booked, job.Completed, job.Closed}, "✓Created 2 Mar 2026, ✓Visit booked 2 Mar 2026, ✓Done 4 Mar 2026"},
		{"postponed", true, []job.Status{job.StatusNew, job.Booked, job.Deferred}, "✓Requested 2 Mar 2026, ✓Visit booked 3 Mar 2026, *Postponed 4 Mar 2026"},
		{"cancelled", true, []job.Status{job.StatusNew, job.Cancelled}, "✓Requested 2 Mar 2026, *Cancelled 3 Mar 2026"},
		{"back to be scheduled", true, []job.Status{job.StatusNew, job.Booked, job.Unscheduled}, "✓Requested 2 Mar 2026, *Being scheduled 4 Mar 2026, Visit booked, Under way, Done"},
		{"gone on with", false, []job.Status{job.InProgress, job.Completed, job.InProgress}, "✓Created 2 Mar 2026, *Under way 4 Mar 2026, Done"},
		{"taken up again", false, []job.Status{job.Cancelled, job.Unscheduled}, "✓Created 2 Mar 2026, *Being scheduled 3 Mar 2026, Visit booked, Under way, Done"},
	} {
		j := portal.Job{FromPortal: tt.portal, CreatedAt: start}
		for n, s := range tt.history {
			j.Status = s
			j.History = append(j.History, portal.JobStatus{Status: s, At: start.AddDate(0, 0, n)})
		}
		var got []string
		for _, s := range (JobPage{Job: j}).stages() {
			mark := ""
			if s.Current {
				mark = "*"
			}
			if s.Done {
				mark += "✓"
			}
			got = append(got, strings.TrimSpace(mark+s.Label+" "+s.Note))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: %s", tt.name, strings.Join(got, ", "))
		}
	}
}

func TestWordsOfEquipment(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 11, 22)
	for _, tt := range []struct {
		next, last, warranty int // days from today
		words                [3]string
	}{
		{0, 0, 0, [3]string{"Due today", "Today", "Under warranty until today"}},
		{1, -1, 1, [3]string{"Due in 1 day", "1 day ago", "Under warranty for another 1 day"}},
		{-3, -60, -1, [3]string{"Overdue by 3 days", "60 days ago", "Has ended"}},
		{90, -400, 60, [3]string{"Due in 3 months", "13 months ago", "Under warranty for another 60 days"}},
		{-800, -800, 61, [3]string{"Overdue by 2 years", "2 years ago", "Under warranty"}},
	} {
		p := ItemPage{Today: today, Item: portal.Item{
			EquipmentRow: portal.EquipmentRow{Status: equipment.InUse, NextServiceOn: today.AddDays(tt.next)}, LastServiceOn: today.AddDays(tt.last), WarrantyUntil: today.AddDays(tt.warranty),
		}}
		if got := [3]string{p.serviceWords(), sinceWords(p.Item.LastServiceOn, today), p.warrantyWords()}; got != tt.words {
			t.Errorf("%+v: %q", tt, got)
		}
	}
	if got := (ItemPage{Today: today}).strip(); got[1].Note+got[2].Note+got[3].Note != "" {
		t.Errorf("nothing known: %+v", got)
	}
}

func TestVisitForCalendars(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 24, 21, 30, 0, 0, time.UTC)
	v := portal.Viewer{Business: portal.Business{Name: "Northwind Air", Phone: "(02) 5550 1000"}}
	j := portal.Job{JobRow: portal.JobRow{Number: "J-1", Name: "Service", Description: "All of it", Site: "Tower", BookedFrom: &from}, Version: 3}
	e := Visit(v, j, "https://portal.example:8443/")
	if e.UID != "J-1@portal.example" || e.URL != "https://portal.example:8443/jobs/J-1" || e.Location != "Tower" || e.Description != "All of it\n\nJ-1\n(02) 5550 1000" || !e.Until.IsZero() || e.Sequence != 3 {
		t.Errorf("%+v", e)
	}
	j.Site = ""
	if e := Visit(portal.Viewer{}, j, ""); e.Location != "" || e.Description != "All of it\n\nJ-1" {
		t.Errorf("%+v", e)
	}
}
