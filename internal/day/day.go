// Package day holds calendar dates: due days, preferred days, warranties. A
// date has no time zone; a moment is a time.Time. Span says how long something
// lasts.
package day

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Day is a calendar date. The zero Day is "none" and null in the database.
type Day struct{ t time.Time }

// ISO is how forms and addresses write a day.
const ISO = "2006-01-02"

// New is the day of that year, month and day of month.
func New(year int, month time.Month, dayOfMonth int) Day {
	return Day{time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC)}
}

// Of is the day that t falls on in zone.
func Of(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return New(y, m, d)
}

// Parse reads yyyy-mm-dd within the years 1900 to 2200; empty text is the zero Day.
func Parse(text string) (Day, error) {
	if text == "" {
		return Day{}, nil
	}
	t, err := time.Parse(ISO, text)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return Day{}, fmt.Errorf("%q is not a date between 1900 and 2200", text)
	}
	return Day{t}, nil
}

// IsZero reports whether there is no day.
func (d Day) IsZero() bool { return d.t.IsZero() }

// String is yyyy-mm-dd, or empty.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(ISO)
}

// Time is the first moment of the day in zone: midnight, if the day has one.
func (d Day) Time(zone *time.Location) time.Time {
	t, _ := d.At(0, 0, zone)
	return t
}

// At is the moment when clocks in zone show hour and minute on the day; the
// first where they are put back and show it twice. Where they are put forward
// over it, shown is false, and the moment is as if they had not been: that of a
// day's missing midnight is its first. The database has the same as moment_of.
func (d Day) At(hour, minute int, zone *time.Location) (t time.Time, shown bool) {
	y, m, dd := d.t.Date()
	utc := time.Date(y, m, dd, hour, minute, 0, 0, time.UTC)
	// What clocks show a day before and a day after gives the two moments it can be.
	guess := time.Date(y, m, dd, hour, minute, 0, 0, zone)
	var candidates [2]time.Time
	for i, near := range []time.Time{guess.Add(-24 * time.Hour), guess.Add(24 * time.Hour)} {
		_, offset := near.Zone()
		candidates[i] = utc.Add(-time.Duration(offset) * time.Second).In(zone)
	}
	for _, c := range candidates {
		if c.Day() == dd && c.Hour() == hour && c.Minute() == minute && (!shown || c.Before(t)) {
			t, shown = c, true
		}
	}
	if !shown {
		t = candidates[0]
	}
	return t, shown
}

// Format formats the day by a layout of package time.
func (d Day) Format(layout string) string { return d.t.Format(layout) }

// Before and After compare days.
func (d Day) Before(o Day) bool { return d.t.Before(o.t) }

// After reports whether d is later than o.
func (d Day) After(o Day) bool { return d.t.After(o.t) }

// AddDays is d moved by n days.
func (d Day) AddDays(n int) Day { return Day{d.t.AddDate(0, 0, n)} }

// Scan reads a date from the database.
func (d *Day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Day{}
	case time.Time:
		*d = New(v.Date())
	case string:
		t, err := time.Parse(ISO, v)
		if err != nil {
			return fmt.Errorf("scan date: %w", err)
		}
		*d = Day{t}
	default:
		return fmt.Errorf("scan date from %T", src)
	}
	return nil
}

// Value writes a date to the database.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.t, nil
}

// MarshalText is the ISO form, for JSON.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the ISO form.
func (d *Day) UnmarshalText(text []byte) (err error) {
	*d, err = Parse(string(text))
	return err
}
