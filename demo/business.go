package demo

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"fieldgate/internal/address"
	"fieldgate/internal/day"
)

// The business itself. The ABN has a valid check sum and is nobody's.
const (
	tradingName = "Northwind Air"
	legalName   = "Northwind Air Pty Ltd"
	abn         = "80 000 000 001"
	phone       = "(02) 5550 0100"
	mailbox     = "office@demo.test"
	website     = "https://northwind-air.example"
	brandColour = "#0f5c8c"
	zoneName    = "Australia/Sydney"
)

var workshop = address.Address{Line1: "Unit 4, 31 Compressor Lane", City: "Silverwater", Region: "NSW", Postcode: "2128"}

// The staff by what they do, and the customers of the personas.
const (
	ada, ben   = int64(1), int64(2)
	firstField = int64(4)
	lastField  = int64(9)

	harbourDental, pelicanPoint, medicalCentre, grainStore = 0, 1, 2, 3
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

// seed makes every fill the same.
const seed = 0x4e6f72746877696e

// source is a generator for one part of the business, so that a change in one
// part leaves the others as they are.
func source(part uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, part))
}

// The parts that have a generator of their own.
const (
	partPeople = iota
	partEquipment
	partQuotes
	partJobs
	partFiles
	partCertificates = 500  // and the certificate's number, with room to spare
	partPictures     = 1000 // and the picture's number
)

// business is Northwind Air with everything that happened in three years, before
// any of it is in the database. Ids are given here, from 1, since the tables are empty.
type business struct {
	catalogue

	now   time.Time
	zone  *time.Location
	today day.Day
	days  []day.Day // the working days, oldest first
	base  int       // where today is in days, or the last working day before it

	customers []*customer
	sites     []*site
	contacts  []*contact
	persons   []person
	equipment []*equipment
	quotes    []*quote
	jobs      []*job
	messages  []message
	files     []*file
	entries   []row // of the audit log
	emails    []email
	answers   []visitAnswer
	marks     []mark

	busy map[slot]bool
}

// slot is half an hour of somebody's working day.
type slot struct {
	staff int64
	day   int // of the working days
	half  int
}

// build makes everything up as of now.
func build(now time.Time) (*business, error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return nil, err
	}
	now = now.In(zone).Truncate(time.Second)
	b := &business{now: now, zone: zone, today: day.Of(now, zone), busy: map[slot]bool{}}
	if b.catalogue, err = readCatalogue(); err != nil {
		return nil, err
	}
	b.listWorkingDays()
	b.addCustomers()
	b.addEquipment()
	b.addQuotes()
	b.addJobs()
	b.setServiceDates()
	b.addMessages()
	b.addNews()
	if err := b.addFiles(); err != nil {
		return nil, err
	}
	b.addActivity()
	return b, nil
}

// member is somebody who works at Northwind Air.
type member struct {
	Name, Email, Phone, Role, State string
	SignedInHoursAgo                int // 0: never
}

func (b *business) jobTypeID(name string) int64 {
	for i, t := range b.jobTypes {
		if t.Name == name {
			return int64(i + 1)
		}
	}
	panic("demo: no job type " + name)
}

// listWorkingDays lists working days of the last three years and the next six weeks.
func (b *business) listWorkingDays() {
	for d := b.today.AddDays(-years * 365); d.Before(b.today.AddDays(50)); d = d.AddDays(1) {
		t := d.Time(time.UTC)
		closed := map[string]bool{"01-01": true, "01-26": true, "04-25": true, "12-24": true, "12-25": true, "12-26": true, "12-31": true}
		if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday || closed[d.Format("01-02")] {
			continue
		}
		if !d.After(b.today) {
			b.base = len(b.days)
		}
		b.days = append(b.days, d)
	}
}

// at is a moment of a day in the business's time zone.
func (b *business) at(d day.Day, minutes int) time.Time {
	t, _ := d.At(minutes/60, minutes%60, b.zone)
	return t
}

// officeHours is a moment at a desk on working day n, never later than now.
func (b *business) officeHours(pick *rand.Rand, n int) time.Time {
	t := b.at(b.days[max(n, 0)], between(pick, 7*60+45, 16*60+50)).Add(time.Duration(pick.IntN(60)) * time.Second)
	if t.After(b.now) {
		return b.now.Add(-time.Duration(between(pick, 20, 180)) * time.Minute)
	}
	return t
}

// workday is the index of the working day at or before d.
func (b *business) workday(d day.Day) int {
	after := sort.Search(len(b.days), func(i int) bool { return b.days[i].After(d) })
	return max(after-1, 0)
}

func (b *business) dayOf(t time.Time) day.Day { return day.Of(t, b.zone) }

func pad(n, width int) string { return fmt.Sprintf("%0*d", width, n) }
