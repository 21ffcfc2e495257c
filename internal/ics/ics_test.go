package ics_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fieldgate/internal/ics"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestWrite(t *testing.T) {
	t.Parallel()
	sydney, err := time.LoadLocation("Australia/Sydney")
	if err != nil {
		t.Fatal(err)
	}
	stamp := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for name, e := range map[string]ics.Event{
		// Half past eight in Sydney's summer, which is eleven hours ahead.
		"visit": {
			UID: "J-1001@portal.example", Sequence: 4, Stamp: stamp, Changed: time.Date(2026, 11, 21, 16, 0, 5, 9e8, sydney), From: time.Date(2026, 11, 24, 8, 30, 0, 0, sydney), Until: time.Date(2026, 11, 24, 10, 30, 0, 0, sydney),
			Summary: "Northwind Air: Rooftop unit service", Location: "George Street, 12 George Street, Parramatta NSW 2150",
			Description: "Quarterly service of rooftop unit 2; bring filters, belts\nand a ladder\\hoist.", URL: "https://portal.example/jobs/J-1001", Organizer: "office@northwind.test",
		},
		// In winter it is ten.
		"long": {
			UID: "J-2@portal.example", Stamp: stamp, From: time.Date(2026, 7, 1, 7, 0, 0, 0, sydney),
			Summary: strings.Repeat("صيانة وحدة التكييف على السطح ", 8), Description: "\x00\x1b[31mred\r\nEND:VEVENT" + strings.Repeat("日本語", 40),
		},
	} {
		got := ics.Write(e)
		golden := filepath.Join("testdata", name+".ics")
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is\n%s", name, got)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(got), "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00\x1b") {
				t.Errorf("%s has the line %q", name, line)
			}
		}
		if n := strings.Count(string(got), "\r\nEND:VEVENT"); n != 1 {
			t.Errorf("%s ends %d events", name, n)
		}
	}
}

// TestCalendar: many entries, or none, are one calendar that says how often to
// look again, with lines that any program reads.
func TestCalendar(t *testing.T) {
	t.Parallel()
	stamp := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	e := ics.Event{UID: "J-1@portal.example", From: stamp, Until: stamp.Add(time.Hour), Summary: strings.Repeat("Kühlung, Dach; ", 20), Organizer: "office@northwind.test"}
	for name, c := range map[string]ics.Calendar{
		"calendar": {Name: "Visits by Northwind, Air", Refresh: time.Hour, Events: []ics.Event{e, {UID: "J-2@portal.example", From: stamp, Summary: "Zwei", Organizer: "office@northwind.test"}}},
		"empty":    {Name: "Visits", Refresh: 90 * time.Minute},
	} {
		got := c.Write(stamp)
		golden := filepath.Join("testdata", name+".ics")
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is\n%s", name, got)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(got), "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%s has the line %q", name, line)
			}
		}
	}
}
