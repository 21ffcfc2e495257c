package ics_test

import (
	"strings"
	"testing"
	"time"

	"fieldgate/internal/ics"
	"fieldgate/internal/ics/icstest"
)

// TestAStrictReaderReadsIt: whatever people write comes out of a calendar as it was
// meant, in entries and in files that are read again and again.
func TestAStrictReaderReadsIt(t *testing.T) {
	t.Parallel()
	sydney, err := time.LoadLocation("Australia/Sydney")
	if err != nil {
		t.Fatal(err)
	}
	stamp := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	// The night in which clocks go back in Sydney: half past two comes twice, and the
	// second one is meant.
	from := time.Date(2026, 4, 5, 2, 30, 0, 0, sydney).Add(time.Hour)
	changed := time.Date(2026, 4, 5, 1, 59, 59, 0, sydney)
	for name, text := range map[string]string{
		"plain": "Service", "all that is escaped": `back\slash; semicolon, comma "quoted": colon`, "lines": "first\nsecond\nthird", "long": strings.Repeat("Kühlung, Dach; ", 40),
		"other scripts": strings.Repeat("冷房の点検、屋上。", 20) + strings.Repeat("صيانة ", 30), "escapes as people write them": `C:\new\, \N \n`, "an end": "x\nEND:VEVENT\nBEGIN:VALARM", "emoji": strings.Repeat("👩🏽‍🔧", 20),
	} {
		visit := ics.Visit{Number: "J-1001", Title: text, Description: text, Business: "Northwind Air", Email: "office@northwind.test", Place: []string{text, "", "Sydney"}, From: from, Version: 7, Changed: changed}
		until := from.Add(90 * time.Minute)
		visit.Until = &until
		for of, file := range map[string][]byte{
			"entry": ics.Write(visit.Event(stamp, "https://portal.example/jobs/J-1001")),
			"feed":  ics.Calendar{Name: text, Refresh: time.Hour, Events: []ics.Event{visit.Event(stamp, "https://portal.example/jobs/J-1001")}}.Write(stamp),
		} {
			c, err := icstest.Read(file)
			if err != nil || len(c.Events) != 1 {
				t.Errorf("%s, %s: %v\n%s", of, name, err, file)
				continue
			}
			e := c.Events[0]
			if e.UID != "J-1001@portal.example" || e.Sequence != 7 || !e.Start.Equal(from) || !e.End.Equal(until) || !e.Stamp.Equal(stamp) || !e.Modified.Equal(changed) || e.Status != "CONFIRMED" || e.URL != "https://portal.example/jobs/J-1001" {
				t.Errorf("%s, %s: %+v", of, name, e)
			}
			if want := "Northwind Air: " + text; e.Summary != want {
				t.Errorf("%s, %s: the summary is %q", of, name, e.Summary)
			}
			if want := text + ", Sydney"; e.Location != want || !strings.HasPrefix(e.Description, text+"\n\nJ-1001") {
				t.Errorf("%s, %s: %q at %q", of, name, e.Description, e.Location)
			}
		}
	}
	visit := ics.Visit{Number: "J-1", Business: "Northwind Air", Title: "x", From: from, Version: 8, Cancelled: true, Email: "office@northwind.test"}
	c, err := icstest.Read(ics.Write(visit.Event(stamp, "https://portal.example/jobs/J-1")))
	if err != nil || c.Properties["METHOD"] != "CANCEL" || c.Events[0].Status != "CANCELLED" || c.Events[0].Sequence != 8 || !c.Events[0].End.IsZero() || !c.Events[0].Modified.IsZero() {
		t.Errorf("called off: %v %+v", err, c)
	}
	// Where nobody is named who publishes, nothing is published: an entry as it last changed.
	private := ics.Calendar{Name: "Visits", Refresh: time.Hour, Events: []ics.Event{ics.Visit{Number: "J-1", Business: "Harbour Dental", Title: "x", From: from, Changed: changed}.Event(stamp, "")}}
	if c, err := icstest.Read(private.Write(stamp)); err != nil || c.Properties["METHOD"] != "" || private.Method() != "" || !c.Events[0].Stamp.Equal(changed) || !c.Events[0].Modified.Equal(changed) {
		t.Errorf("without an organizer: %v %+v", err, c)
	}
	if c, err := icstest.Read(ics.Calendar{Name: "Visits", Refresh: time.Hour}.Write(stamp)); err != nil || len(c.Events) != 0 {
		t.Errorf("nothing is booked: %v %+v", err, c)
	}
}
