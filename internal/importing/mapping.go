package importing

import (
	"regexp"
	"slices"
	"strings"

	"fieldgate/internal/exchange"
	"fieldgate/internal/job"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/sheet"
)

// Table is what is known of a table of the file.
type Table struct {
	Name   string       `json:"name"`
	Hidden bool         `json:"hidden,omitempty"`
	Heads  []sheet.Head `json:"heads"`
	Line   int          `json:"line"`
	Rows   int          `json:"rows"`
	Notes  []string     `json:"notes,omitempty"`
	// Source and Known say what it was taken for: "Ascora", "customers and sites".
	Source string       `json:"source,omitempty"`
	Known  string       `json:"known,omitempty"`
	Survey sheet.Survey `json:"survey"`
}

// Mapping says how the tables of a file are read.
type Mapping struct {
	Sheets []SheetMapping `json:"sheets"`
	// Values are what the words of the file mean, by field; what is not there is
	// found out by itself.
	Values map[Target]map[string]string `json:"values,omitempty"`
	// JobType is the type of jobs of which the file says none.
	JobType string `json:"job_type,omitempty"`
	// Twins is what becomes of two contacts of a customer with one address.
	Twins Twins `json:"twins,omitempty"`
	// Zone is where an export was made, in whose time it is written.
	Zone string `json:"zone,omitempty"`
}

// SheetMapping says how one table is read.
type SheetMapping struct {
	Name    string              `json:"name"`
	Heads   []string            `json:"heads"`
	Kind    Kind                `json:"kind"`
	Skip    bool                `json:"skip,omitempty"`
	Own     bool                `json:"own,omitempty"` // a table of an export of everything
	Columns []Target            `json:"columns"`
	Orders  map[int]sheet.Order `json:"orders,omitempty"`
	Points  map[int]sheet.Point `json:"points,omitempty"`
}

// UsualJobType is the type of jobs that have none, unless another is chosen.
const UsualJobType = "General"

// Typeless reports whether the file has jobs without a type.
func (m Mapping) Typeless(tables []Table) bool {
	for i, s := range m.Sheets {
		if s.Skip || s.Own || s.Kind != Jobs {
			continue
		}
		c := s.column("jobs.type")
		if c < 0 || c >= len(tables[i].Survey.Columns) || tables[i].Survey.Columns[c].Filled < tables[i].Rows {
			return true
		}
	}
	return false
}

// TypeOfOthers is the type of jobs of which the file says none.
func (m Mapping) TypeOfOthers() string {
	if m.JobType == "" {
		return UsualJobType
	}
	return m.JobType
}

// Twins is what becomes of two contacts of a customer with one address.
type Twins string

// The answers.
const (
	Undecided Twins = ""
	Merge     Twins = "merge" // one contact, whose empty fields the second fills
	Apart     Twins = "apart" // the second without the address
)

// What a word of the file can also mean.
const (
	MakeIt   = "+" // it is added
	LeaveOut = "-" // the field stays empty
)

// Usual is how the business writes dates and numbers.
type Usual struct {
	Order sheet.Order
	Point sheet.Point
}

// UsualOf is how dates and numbers are usual in a locale.
func UsualOf(locale string) Usual {
	u := Usual{sheet.DayFirst, sheet.Dot}
	if strings.HasSuffix(locale, "-US") {
		u.Order = sheet.MonthFirst
	}
	if strings.HasSuffix(locale, "-ZA") || slices.Contains([]string{"de", "fr", "nl", "it", "es", "pt", "da", "sv", "nb", "fi", "pl"}, strings.SplitN(locale, "-", 2)[0]) {
		u.Point = sheet.Comma
	}
	return u
}

// Suggest is the mapping of tables as they were recognised. Sheets that are hidden
// are left out, and so are those beside others that lack what their things need.
func Suggest(tables []Table, recognised []Recognised) Mapping {
	m := Mapping{}
	whole := false
	for i, t := range tables {
		r := recognised[i]
		s := SheetMapping{Name: t.Name, Heads: namesOf(t.Heads), Kind: r.Kind, Columns: r.Columns, Own: r.Own, Skip: r.Kind == "" || t.Hidden || t.Rows == 0}
		whole = whole || !s.Skip && len(s.Missing()) == 0
		m.Sheets = append(m.Sheets, s)
	}
	for i, s := range m.Sheets {
		m.Sheets[i].Skip = s.Skip || whole && len(s.Missing()) > 0
	}
	if !m.has(Quotes) && slices.ContainsFunc(m.Sheets, func(s SheetMapping) bool { return !s.Skip && s.Kind != QuoteLines }) {
		for i, s := range m.Sheets { // lines come in with quotes alone
			m.Sheets[i].Skip = s.Skip || s.Kind == QuoteLines
		}
	}
	return m
}

// has reports whether a sheet of a kind is imported.
func (m Mapping) has(k Kind) bool {
	return slices.ContainsFunc(m.Sheets, func(s SheetMapping) bool { return !s.Skip && s.Kind == k })
}

func namesOf(heads []sheet.Head) (names []string) {
	for _, h := range heads {
		names = append(names, h.Name)
	}
	return names
}

func headsOf(names []string) (heads []sheet.Head) {
	for _, n := range names {
		heads = append(heads, sheet.Head{Name: n})
	}
	return heads
}

// Read says how dates and numbers of a column are read; what is empty is found out.
func (s *SheetMapping) Read(column int, o sheet.Order, p sheet.Point) {
	if o != "" {
		if s.Orders == nil {
			s.Orders = map[int]sheet.Order{}
		}
		s.Orders[column] = o
	}
	if p != "" {
		if s.Points == nil {
			s.Points = map[int]sheet.Point{}
		}
		s.Points[column] = p
	}
}

// SourceOf is under which name ids of the tables are kept: that of the program
// they come from, as exchange writes it.
func SourceOf(tables []Table, m Mapping) string {
	if m.OwnTables() {
		return exchange.Ours
	}
	ids := slices.ContainsFunc(m.Sheets, func(s SheetMapping) bool {
		return slices.ContainsFunc(s.Columns, func(t Target) bool { return t.Name() == "external_id" })
	})
	for _, t := range tables {
		if t.Source != "" && t.Source != Own && (ids || t.Source != connected) {
			return strings.ToLower(t.Source)
		}
	}
	return ""
}

// connected is a program whose connector goes by ids that its files seldom have. Ids
// made of names would keep it from finding the same things.
const connected = "ServiceM8"

// ProblemHead is the head of the column that says, in a file of what was refused,
// what is wrong in each row.
const ProblemHead = "Problem"

// Fingerprint are the heads of all tables, by which a remembered mapping is found
// again.
func Fingerprint(tables []Table) string {
	var out strings.Builder
	for _, t := range tables {
		var heads []string
		for _, h := range t.Heads {
			if h.Name != ProblemHead {
				heads = append(heads, compact(h.Name))
			}
		}
		slices.Sort(heads)
		out.WriteString(strings.Join(heads, ",") + ";")
	}
	return out.String()
}

// Kinds are those of all sheets that are imported, each once.
func (m Mapping) Kinds() (kinds []Kind) {
	for _, s := range m.Sheets {
		for _, k := range s.Kinds() {
			if k != "" && !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
	}
	return kinds
}

// Kinds are the kinds of things that a table is read as.
func (s SheetMapping) Kinds() (kinds []Kind) {
	if s.Skip {
		return nil
	}
	if s.Own {
		return []Kind{s.Kind}
	}
	for _, k := range Kinds {
		if slices.ContainsFunc(s.Columns, func(t Target) bool { return t != "" && t.Kind() == k }) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// column is the column that is read as a field; -1 for none.
func (s SheetMapping) column(t Target) int { return slices.Index(s.Columns, t) }

func (s SheetMapping) has(targets ...Target) bool {
	return slices.ContainsFunc(targets, func(t Target) bool { return s.column(t) >= 0 })
}

// ways are the columns of which one is needed of each kind, and what is said
// when none is chosen.
var ways = map[Kind][]struct {
	any []Target
	say string
}{
	Customers:  {{[]Target{"customers.name", "customers.company_name", "contacts.name", "contacts.first_name", "contacts.last_name"}, "Choose the column with the customer's name."}},
	Sites:      {{[]Target{"sites.customer"}, "Choose the column that says whose site it is."}, {[]Target{"sites.name", "sites.address.line1", "sites.address.whole"}, "Choose the column with the site's name or the first line of its address."}},
	Contacts:   {{[]Target{"contacts.customer"}, "Choose the column that says whose contact it is."}, {[]Target{"contacts.name", "contacts.first_name", "contacts.last_name"}, "Choose the column with the contact's name."}},
	Equipment:  {{[]Target{"equipment.customer"}, "Choose the column that says whose equipment it is."}, {[]Target{"equipment.name", "equipment.type"}, "Choose the column with the equipment's name or type."}},
	JobTypes:   {{[]Target{"job-types.name"}, "Choose the column with the job type's name."}},
	Jobs:       {{[]Target{"jobs.customer", "jobs.site"}, "Choose the column that says which customer the job is for."}, {[]Target{"jobs.description", "jobs.name"}, "Choose the column with the description."}},
	Quotes:     {{[]Target{"quotes.customer", "quotes.site"}, "Choose the column that says which customer the quote is for."}, {[]Target{"quotes.description", "quotes.name"}, "Choose the column with the description."}},
	QuoteLines: {{[]Target{"quote-lines.quote"}, "Choose the column that says to which quote the line belongs."}, {[]Target{"quote-lines.description"}, "Choose the column with the description."}},
	Tasks:      {{[]Target{"tasks.job"}, "Choose the column that says to which job the task belongs."}, {[]Target{"tasks.subject"}, "Choose the column with the subject."}},
	Time:       {{[]Target{"time.job"}, "Choose the column that says on which job the time was."}, {[]Target{"time.worked_on"}, "Choose the column with the day."}, {[]Target{"time.staff"}, "Choose the column that says who it was."}},
}

// Missing are what a table still needs before it can be read, as sentences.
func (s SheetMapping) Missing() (say []string) {
	if s.Skip || s.Own {
		return nil
	}
	if s.Kind == "" {
		return []string{"Say what the rows of this sheet are, or leave the sheet out."}
	}
	for _, w := range ways[s.Kind] {
		if !s.has(w.any...) {
			say = append(say, w.say)
		}
	}
	return say
}

// Check says what is wrong with a mapping, by sheet: "sheet-0" and so on.
func (m Mapping) Check(tables []Table) problem.Set {
	p := problem.Set{}
	all := true
	for i, s := range m.Sheets {
		all = all && s.Skip
		if missing := s.Missing(); len(missing) > 0 {
			p.Add("sheet-"+itoa(i), "“"+tables[i].Name+"”: "+strings.Join(missing, " "))
		}
		seen := map[Target]bool{}
		for _, t := range s.Columns {
			if f, ok := FieldFor(t); ok && seen[t] && !s.Own {
				p.Add("sheet-"+itoa(i), "“"+tables[i].Name+"”: two columns are chosen as "+f.Title()+".")
			}
			seen[t] = true
		}
	}
	p.Unless(!all, "", "Every sheet is left out. Choose at least one.")
	for _, l := range exchange.Tables() {
		if l.Of == "" {
			continue
		}
		lines := slices.IndexFunc(m.Sheets, func(s SheetMapping) bool { return !s.Skip && s.Kind == l.Kind })
		of := slices.ContainsFunc(m.Sheets, func(s SheetMapping) bool { return !s.Skip && s.Kind == l.Of })
		if lines >= 0 && !of {
			p.Add("sheet-"+itoa(lines), l.Name+" are imported with "+Label(l.Of)+". Put both sheets into one workbook.")
		}
	}
	return p
}

// Title is the field with its kind: "Customers: Name".
func (f Field) Title() string { return Label(f.Kind) + ": " + f.Label }

// statusWords are what other programs call the statuses of jobs and quotes, compact.
var statusWords = map[Kind]map[string]string{
	Jobs: {
		"pending": string(job.Unscheduled), "new": string(job.Unscheduled), "open": string(job.Unscheduled), "active": string(job.Unscheduled), "readytoschedule": string(job.Unscheduled), "toschedule": string(job.Unscheduled), "tobescheduled": string(job.Unscheduled),
		"unassigned": string(job.Unscheduled), "workorder": string(job.Unscheduled), "draft": string(job.Unscheduled), "created": string(job.Unscheduled), "notstarted": string(job.Unscheduled), "actionrequired": string(job.Unscheduled), "readytostart": string(job.Unscheduled),
		"scheduled": string(job.Booked), "upcoming": string(job.Booked), "assigned": string(job.Booked), "today": string(job.Booked), "dispatched": string(job.Booked), "confirmed": string(job.Booked),
		"progress": string(job.InProgress), "started": string(job.InProgress), "onsite": string(job.InProgress), "underway": string(job.InProgress), "late": string(job.InProgress), "hasalatevisit": string(job.InProgress), "endingwithin30days": string(job.InProgress),
		"notscheduled": string(job.Unscheduled), "tobebooked": string(job.Unscheduled), "requested": string(job.Unscheduled), "accepted": string(job.Booked), "allocated": string(job.Booked), "travelling": string(job.InProgress), "enroute": string(job.InProgress),
		"couldnotcomplete": string(job.Deferred), "incomplete": string(job.Deferred), "returnvisitrequired": string(job.Deferred), "onhold": string(job.Deferred), "waiting": string(job.Deferred), "awaitingparts": string(job.Deferred), "waitingforparts": string(job.Deferred), "waitingonparts": string(job.Deferred), "partsonorder": string(job.Deferred), "waitingoncustomer": string(job.Deferred), "awaitingcustomer": string(job.Deferred), "paused": string(job.Deferred), "postponed": string(job.Deferred),
		"complete": string(job.Completed), "done": string(job.Completed), "finished": string(job.Completed), "requiresinvoicing": string(job.Completed), "readytoinvoice": string(job.Completed), "toinvoice": string(job.Completed), "workcompleted": string(job.Completed),
		"invoiced": string(job.Closed), "archived": string(job.Closed), "paid": string(job.Closed), "fullyinvoiced": string(job.Closed), "finalised": string(job.Closed), "finalized": string(job.Closed),
		"canceled": string(job.Cancelled), "unsuccessful": string(job.Cancelled), "lost": string(job.Cancelled), "rejected": string(job.Cancelled), "abandoned": string(job.Cancelled), "declined": string(job.Cancelled), "void": string(job.Cancelled),
	},
	Quotes: {
		"new": string(quote.Draft), "open": string(quote.Draft), "inprogress": string(quote.Draft), "progress": string(quote.Draft), "pending": string(quote.Draft), "changesrequested": string(quote.Draft), "requested": string(quote.Draft), "complete": string(quote.Draft),
		"unscheduled": string(quote.Draft), "booked": string(quote.Draft), "scheduled": string(quote.Draft), "onhold": string(quote.Draft), "deferred": string(quote.Draft), "completed": string(quote.Draft), "readytosend": string(quote.Draft),
		"awaitingclient": string(quote.Sent), "awaitingcustomer": string(quote.Sent), "pendingapproval": string(quote.Sent), "waitingforapproval": string(quote.Sent), "waiting": string(quote.Sent), "emailed": string(quote.Sent), "viewed": string(quote.Sent),
		"senttoclient": string(quote.Sent), "senttocustomer": string(quote.Sent), "awaitingresponse": string(quote.Sent), "submitted": string(quote.Sent), "quotesent": string(quote.Sent), "awaitingapproval": string(quote.Sent), "expired": string(quote.Sent), "issued": string(quote.Sent), "followup": string(quote.Sent),
		"approved": string(quote.Accepted), "converted": string(quote.Accepted), "won": string(quote.Accepted), "convertedtojob": string(quote.Accepted), "jobcreated": string(quote.Accepted), "invoiced": string(quote.Accepted), "quoteaccepted": string(quote.Accepted),
		"lost": string(quote.Declined), "rejected": string(quote.Declined), "unsuccessful": string(quote.Declined), "assumedlost": string(quote.Declined), "notaccepted": string(quote.Declined), "quotedeclined": string(quote.Declined),
		"archived": string(quote.Withdrawn), "cancelled": string(quote.Withdrawn), "canceled": string(quote.Withdrawn), "void": string(quote.Withdrawn),
	},
}

// Choices are what a word in a column can mean: the values of a field, or the
// names of what it refers to.
type Choices struct {
	JobTypes []string
	Staff    []Member
}

// Member is somebody who works here.
type Member struct{ Name, Email string }

// Options are the words that a field takes, each with its label.
func (c Choices) Options(f Field) (all []exchange.Value) {
	known, _ := exchange.FieldNamed(f.Kind, f.Name)
	switch {
	case f.Target() == "equipment.status":
		return []exchange.Value{{Word: "no", Label: "In use"}, {Word: "yes", Label: "Retired"}}
	case known.Ref == JobTypes:
		for _, t := range c.JobTypes {
			all = append(all, exchange.Value{Word: t, Label: t})
		}
	case known.Ref == Staff:
		for _, m := range c.Staff {
			all = append(all, c.memberOption(m))
		}
	case f.Name == "status" && f.Kind == Quotes:
		for _, v := range known.Values {
			if v.Word != string(quote.Requested) && v.Word != string(quote.Expired) {
				all = append(all, v)
			}
		}
	case f.Name == "status" && f.Kind == Jobs:
		for _, v := range known.Values {
			if v.Word != string(job.StatusNew) {
				all = append(all, v)
			}
		}
	default:
		all = known.Values
	}
	return all
}

// memberOption is somebody who works here as a choice: by the name or, where others
// have the same, by the address.
func (c Choices) memberOption(m Member) exchange.Value {
	if m.Email == "" || c.namesakes(m.Name) < 2 {
		return exchange.Value{Word: m.Name, Label: m.Name}
	}
	return exchange.Value{Word: m.Email, Label: m.Name + " (" + m.Email + ")"}
}

// namesakes is how many who work here have a name.
func (c Choices) namesakes(name string) (n int) {
	for _, m := range c.Staff {
		if fold(m.Name) == fold(name) {
			n++
		}
	}
	return n
}

// Makes reports whether words of the field can be added as what they name.
func (f Field) Makes() bool {
	known, _ := exchange.FieldNamed(f.Kind, f.Name)
	return known.Ref == JobTypes || known.Ref == Staff
}

// Means is what a word of the file means in a field: one of its options, MakeIt,
// LeaveOut, or "" when that is not known.
func (m Mapping) Means(c Choices, f Field, word string) string {
	if chosen, ok := m.Values[f.Target()][word]; ok {
		return chosen
	}
	if saysNothing(f, word) {
		return LeaveOut
	}
	key := compact(word)
	for _, o := range c.Options(f) {
		if compact(o.Word) == key || compact(o.Label) == key {
			return o.Word
		}
	}
	for _, s := range c.Staff {
		if known, _ := exchange.FieldNamed(f.Kind, f.Name); known.Ref == Staff && s.Email != "" && strings.EqualFold(s.Email, word) {
			return c.memberOption(s).Word
		}
	}
	if known, _ := exchange.FieldNamed(f.Kind, f.Name); known.Ref == Staff && c.namesakes(word) > 1 {
		return ""
	}
	if f.Name == "status" && f.Kind != Equipment {
		return c.status(f, word)
	}
	if f.Target() == "equipment.status" {
		switch {
		case slices.Contains([]string{"true", "yes", // of a column that asks whether it is archived
			"retired", "decommissioned", "removed", "disposed", "inactive", "scrapped", "archived", "replaced", "obsolete", "outofservice", "notinuse", "sold", "deleted", "stolen", "missing"}, key):
			return "yes"
		default:
			return "no"
		}
	}
	if f.Makes() {
		return MakeIt
	}
	if f.Name == "priority" || f.Name == "colour" {
		return LeaveOut
	}
	return ""
}

// Unknown are the words in a column of a table of which nobody has said what they
// mean, so that their rows are refused.
func (m Mapping) Unknown(t Table, s SheetMapping, column int) (all []string) {
	f, ok := FieldFor(s.Columns[column])
	if !ok || s.Skip || s.Own || f.Sort != Choice || f.Makes() {
		return nil
	}
	for _, v := range t.survey(column).Values {
		if m.Means(Choices{}, f, v.Text) == "" {
			all = append(all, v.Text)
		}
	}
	return all
}

// status is what a status of another program is here. It may name the kind, or say
// more than one thing: “Job : Complete”, “On hold - awaiting parts”.
func (c Choices) status(f Field, word string) string {
	for _, part := range append([]string{word}, pieces.Split(word, -1)...) {
		key := compact(part)
		for _, o := range c.Options(f) {
			if compact(o.Word) == key || compact(o.Label) == key {
				return o.Word
			}
		}
		if ours, ok := statusWords[f.Kind][key]; ok {
			return ours
		}
	}
	return ""
}

var pieces = regexp.MustCompile(`[-–—:(/,]`)

// called reports whether a member of staff has the name or address.
func (c Choices) called(name string) bool {
	return slices.ContainsFunc(c.Staff, func(m Member) bool { return fold(m.Name) == fold(name) || strings.EqualFold(m.Email, name) })
}
