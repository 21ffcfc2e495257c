package demo

import (
	"math/rand/v2"
	"strconv"
	"time"

	"fieldgate/internal/day"
)

// How much there is. Numbers of things per customer follow from these.
const (
	manyContacts  = 120
	manyJobs      = 600
	manyQuotes    = 200
	manyEquipment = 300
	manyPhotos    = 150
	years         = 3
)

// seed makes every fill tell the same story.
const seed = 0x4e6f72746877696e

// source is a generator for one part of the story, so that a change in one
// part leaves the others as they are.
func source(part uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, part))
}

// The parts of the story.
const (
	partPeople = iota
	partEquipment
	partQuotes
	partJobs
	partFiles
	partPictures = 1000 // and the picture's number
)

// world is the business with everything that happened in three years, before
// any of it is written. Ids are given here, from 1, since the tables are empty.
type world struct {
	now   time.Time
	zone  *time.Location
	today day.Day
	days  []day.Day // the working days, oldest first
	base  int       // where today is in days, or the last working day before it

	staff     []member
	customers []*customer
	sites     []*place
	contacts  []*contact
	persons   []person
	equipment []*piece
	quotes    []*quote
	jobs      []*job
	messages  []message
	files     []*file
	deeds     []deed
	letters   []letter

	busy map[slot]bool
}

// slot is half an hour of somebody's working day.
type slot struct {
	staff int64
	day   int
	half  int
}

// build tells the story as of now.
func build(now time.Time) (*world, error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return nil, err
	}
	now = now.In(zone).Truncate(time.Second)
	w := &world{now: now, zone: zone, today: day.Of(now, zone), busy: map[slot]bool{}}
	w.calendar()
	w.hire()
	w.settle()
	w.install()
	w.price()
	w.work()
	w.serviced()
	w.talk()
	w.shoot()
	w.record()
	return w, nil
}

// calendar lists working days from the start of the story to six weeks ahead.
func (w *world) calendar() {
	for d := w.today.AddDays(-years * 365); d.Before(w.today.AddDays(50)); d = d.AddDays(1) {
		t := d.Time(time.UTC)
		closed := map[string]bool{"01-01": true, "01-26": true, "04-25": true, "12-24": true, "12-25": true, "12-26": true, "12-31": true}
		if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || closed[d.Format("01-02")] {
			continue
		}
		if !d.After(w.today) {
			w.base = len(w.days)
		}
		w.days = append(w.days, d)
	}
}

// at is a moment of a day in the business's time zone.
func (w *world) at(d day.Day, minutes int) time.Time {
	t := d.Time(w.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), minutes/60, minutes%60, 0, 0, w.zone)
}

// officeHours is a moment at a desk on working day n, never later than now.
func (w *world) officeHours(pick *rand.Rand, n int) time.Time {
	t := w.at(w.days[max(n, 0)], between(pick, 7*60+45, 16*60+50)).Add(time.Duration(pick.IntN(60)) * time.Second)
	if t.After(w.now) {
		return w.now.Add(-time.Duration(between(pick, 20, 180)) * time.Minute)
	}
	return t
}

// workday is the index of the working day at or before d.
func (w *world) workday(d day.Day) int {
	low, high := 0, len(w.days)
	for low < high {
		mid := (low + high) / 2
		if w.days[mid].After(d) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return max(low-1, 0)
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

func ptr[T any](v T) *T { return &v }
