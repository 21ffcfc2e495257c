package demo

import (
	"time"

	"fieldgate/internal/address"
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

const welcome = "Welcome to Northwind Air. See when we are coming, what we did and what we found; ask for a visit or a price at any hour. In an emergency call (02) 5550 0100, day and night."

const terms = `1. Prices are in Australian dollars. GST is shown separately.
2. This quote holds until the date shown on it. After that we confirm or renew it.
3. Work is carried out between 7 am and 5 pm on weekdays unless we agreed otherwise.
4. Equipment remains ours until it is paid for.
5. Our work carries twelve months' warranty. Equipment carries the manufacturer's warranty, which needs regular service.
6. Refrigerant is handled by licensed technicians only (ARCtick AU00000). Electrical work is certified.
7. Changes to the scope are priced and agreed in writing before they are carried out.
8. Payment is due as agreed with you, or else 14 days after the invoice.`

// member is somebody who works at Northwind Air.
type member struct {
	id                       int64
	name, email, phone, role string
	state                    string
	signedIn                 *time.Time
}

func (w *world) hire() {
	ago := func(d time.Duration) *time.Time { t := w.now.Add(-d); return &t }
	w.staff = []member{
		{name: "Ada Fontaine", email: "ada@demo.test", phone: "0491 570 006", role: "administrator", state: "active", signedIn: ago(3 * time.Hour)},
		{name: "Ben Whitlock", email: "ben@demo.test", phone: "(02) 5550 0102", role: "office", state: "active", signedIn: ago(25 * time.Hour)},
		{name: "Carmen Ruiz", email: "carmen@demo.test", phone: "(02) 5550 0103", role: "office", state: "invited"},
		{name: "Tom Lindqvist", phone: "0491 570 156", role: "field", state: "active"},
		{name: "Aisha Karim", phone: "0491 570 157", role: "field", state: "active"},
		{name: "Wen Zhao", phone: "0491 570 158", role: "field", state: "active"},
		{name: "Jarrah Cooper", phone: "0491 570 159", role: "field", state: "active"},
		{name: "Nick Karagiannis", phone: "0491 570 110", role: "field", state: "active"},
		{name: "Sione Tupou", phone: "0491 570 313", role: "field", state: "active"},
	}
	for i := range w.staff {
		w.staff[i].id = int64(i + 1)
	}
}

// The staff by what they do.
const (
	ada, ben   = int64(1), int64(2)
	firstField = int64(4)
	lastField  = int64(9)
)

type jobType struct {
	name, colour string
	inactive     bool
	text         string
	told         []string
}

var jobTypes = []jobType{
	{"Maintenance", "green", false, "Preventive maintenance as per the service agreement.", []string{"service@demo.test"}},
	{"Breakdown", "red", false, "", []string{"dispatch@demo.test", "oncall@demo.test"}},
	{"Installation", "blue", false, "", []string{"projects@demo.test"}},
	{"Inspection", "purple", false, "", nil},
	{"Warranty", "amber", false, "Warranty call. Case number: ", []string{"warranty@demo.test"}},
	{"Electrical", "yellow", false, "", nil},
	{"Refrigeration", "cyan", false, "", []string{"dispatch@demo.test"}},
	{"Controls", "indigo", false, "", nil},
	{"Commissioning", "teal", false, "", []string{"projects@demo.test"}},
	{"Duct cleaning", "pink", true, "", nil},
}

func jobTypeID(name string) int64 {
	for i, t := range jobTypes {
		if t.name == name {
			return int64(i + 1)
		}
	}
	panic("demo: no job type " + name)
}
