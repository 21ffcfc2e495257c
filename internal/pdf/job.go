package pdf

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
)

// Job is a job as its work report shows it. Whoever fills it in decides what
// the reader may see: empty parts are left out.
type Job struct {
	From *company.Company // whose letterhead it has; nil lets the Renderer read it

	Number        string
	Title         string
	Status        string // as people read it
	Type          string
	Customer      string
	Contact       string
	Site          string
	SiteAddress   string
	PurchaseOrder string
	Quote         string // number
	InvoiceNumber string
	InvoicingNote string
	Preferred     day.Day
	BookedFrom    *time.Time
	BookedUntil   *time.Time
	CompletedAt   *time.Time
	Changed       time.Time // what the file is dated by, unless the job is completed
	Staff         []string
	Description   string
	Work          string // Work Undertaken
	Time          []Hours
	Tasks         []Task
	Equipment     []Item
	Photos        []Photo
}

// Hours are what was worked on a day.
type Hours struct {
	Day   day.Day
	Hours decimal.Decimal
}

// ByDay adds up what was worked on the same day, the earliest day first.
func ByDay(all []Hours) []Hours {
	var days []Hours
	for _, h := range all {
		i := slices.IndexFunc(days, func(d Hours) bool { return d.Day == h.Day })
		if i < 0 {
			days = append(days, h)
			continue
		}
		days[i].Hours = days[i].Hours.Add(h.Hours)
	}
	slices.SortFunc(days, func(a, b Hours) int { return strings.Compare(a.Day.String(), b.Day.String()) })
	return days
}

// Task is a task of the job.
type Task struct {
	Subject, Description string
	Due                  day.Day
	Done                 bool
}

// Item is equipment worked on; Note says where or what it is.
type Item struct{ Number, Name, Note string }

// Photo is a picture by its key in the store; the small rendition will do.
type Photo struct {
	Key     string
	Caption string
	data    []byte
}

// maxPhotos is how many pictures a report has: three rows of three on a page, twice.
const maxPhotos = 18

func (j Job) texts() []string {
	all := []string{j.Title, j.Type, j.Customer, j.Contact, j.Site, j.SiteAddress, j.PurchaseOrder, j.InvoicingNote, j.Description, j.Work}
	all = append(all, j.Staff...)
	for _, t := range j.Tasks {
		all = append(all, t.Subject, t.Description)
	}
	for _, e := range j.Equipment {
		all = append(all, e.Number, e.Name, e.Note)
	}
	for _, p := range j.Photos[:min(len(j.Photos), maxPhotos)] {
		all = append(all, p.Caption)
	}
	return append(all, letterheadTexts(j.From)...)
}

func printJob(head Letterhead, j Job) ([]byte, error) {
	at := j.Changed
	if j.CompletedAt != nil {
		at = *j.CompletedAt
	}
	s := newSheet(head, "Work report "+j.Number+": "+j.Title, at)
	s.running(head, "Work report "+j.Number+"  ·  "+j.Title)
	s.page()
	s.letterhead(head)
	s.title("Work report  ·  "+j.Number, j.Title, strings.ToUpper(j.Status))
	s.y += 1
	s.rule(margin, s.w-margin, s.y, rule, 0.2)
	s.y += 4.5
	s.facts(j.facts(head), 3)
	s.titled(job.Field.Work.Label, j.Work)
	s.titled(job.Field.Description.Label, j.Description)
	s.hours(head, j.Time)
	s.tasks(head, j.Tasks)
	s.equipment(j.Equipment)
	s.titled("Invoicing", strings.TrimSpace(strings.TrimSuffix("Invoice "+j.InvoiceNumber+"\n", "Invoice \n")+j.InvoicingNote))
	s.photos(j.Photos)
	return s.finish(head.foot(), j.Number)
}

func (j Job) facts(head Letterhead) []fact {
	f := head.Format
	facts := []fact{{"Customer", j.Customer, j.Contact}}
	if j.Site != "" {
		facts = append(facts, fact{job.Field.Site.Label, j.Site, j.SiteAddress})
	}
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, fact{label, value, ""})
		}
	}
	add(job.Field.Type.Label, j.Type)
	if j.BookedFrom != nil {
		add(job.Field.BookedFrom.Label, f.Window(j.BookedFrom, j.BookedUntil))
	} else {
		add(job.Field.PreferredOn.Label, f.WeekDay(j.Preferred))
	}
	add(job.Field.CompletedAt.Label, f.Date(j.CompletedAt))
	if len(j.Time) > 0 {
		add("Time Logged", f.Hours(total(j.Time)))
	}
	add(job.Field.Staff.Label, strings.Join(j.Staff, ", "))
	add(job.Field.PurchaseOrder.Label, j.PurchaseOrder)
	add("Quote", j.Quote)
	return facts
}

func total(all []Hours) (sum decimal.Decimal) {
	for _, h := range all {
		sum = sum.Add(h.Hours)
	}
	return sum
}

// hours lists the days worked, if there were several: one is among the facts.
func (s *sheet) hours(head Letterhead, all []Hours) {
	if len(all) < 2 {
		return
	}
	s.section("Time Logged", 2*words.height())
	for _, h := range all {
		s.room(words.height() + 1)
		s.one(margin, s.y, 80, head.Format.WeekDay(h.Day), words)
		s.end(margin+90, s.y, 30, head.Format.Hours(h.Hours), words)
		s.y += words.height() + 1
	}
	s.room(words.height() + 2)
	s.rule(margin, margin+90, s.y, rule, 0.2)
	s.y += 1
	s.one(margin, s.y, 60, "Together", strong)
	s.end(margin+90, s.y, 30, head.Format.Hours(total(all)), strong)
	s.y += words.height()
}

func (s *sheet) tasks(head Letterhead, all []Task) {
	if len(all) == 0 {
		return
	}
	s.section("Tasks", 2*words.height())
	for _, t := range all {
		s.room(words.height() + note.height())
		s.box(margin, s.y+0.7, t.Done)
		due := ""
		if !t.Done && !t.Due.IsZero() {
			due = "due " + head.Format.Day(t.Due)
		}
		s.end(s.w-margin, s.y, 40, due, note)
		s.y = s.block(margin+6, s.y, s.inner()-48, t.Subject, words, 3)
		if t.Description != "" {
			s.prose(margin+6, s.inner()-12, t.Description, note)
		}
		s.y += 1
	}
}

// box is a square, ticked or not.
func (s *sheet) box(x, y float64, ticked bool) {
	const side = 3.1
	s.f.SetLineWidth(0.25)
	s.f.SetDrawColor(quiet.r, quiet.g, quiet.b)
	s.f.Rect(x, y, side, side, "D")
	if ticked {
		s.f.SetDrawColor(s.brand.r, s.brand.g, s.brand.b)
		s.f.SetLineWidth(0.5)
		s.f.Line(x+0.7, y+1.6, x+1.3, y+2.3)
		s.f.Line(x+1.3, y+2.3, x+2.5, y+0.8)
	}
}

func (s *sheet) equipment(all []Item) {
	if len(all) == 0 {
		return
	}
	s.section("Equipment", 2*words.height())
	for _, e := range all {
		s.room(words.height() + 1)
		s.one(margin, s.y, 26, e.Number, style{size: 9.5, in: soft})
		s.one(margin+28, s.y, 90, e.Name, words)
		s.end(s.w-margin, s.y, 54, e.Note, note)
		s.y += words.height() + 1
	}
}

// photos are a grid of three.
func (s *sheet) photos(all []Photo) {
	var shown []Photo
	for _, p := range all {
		if len(p.data) > 0 {
			shown = append(shown, p)
		}
	}
	if len(shown) == 0 {
		return
	}
	const gap, high = 4.0, 42.0
	wide := (s.inner() - 2*gap) / 3
	s.section("Photos", high+8)
	for start := 0; start < len(shown); start += 3 {
		s.room(high + 7)
		for i, p := range shown[start:min(start+3, len(shown))] {
			x := margin + float64(i)*(wide+gap)
			s.f.SetFillColor(246, 247, 249)
			s.f.Rect(x, s.y, wide, high, "F")
			// The key names the picture: one that comes twice is kept once.
			if err := s.picture(p.Key, p.data, x, s.y, wide, high, true); err != nil {
				s.one(x+2, s.y+high/2, wide-4, "This photo cannot be printed.", note)
			}
			s.one(x, s.y+high+0.8, wide, p.Caption, note)
		}
		s.y += high + 7
	}
	if more := len(all) - len(shown); more > 0 {
		s.prose(margin, s.inner(), "And "+strconv.Itoa(more)+" more in the customer portal.", note)
	}
}
