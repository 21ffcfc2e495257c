package portal

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/address"
	"fieldgate/internal/contact"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// Open and Finished are filters of a list of jobs beside the statuses.
const (
	Open     job.Status = "open"
	Finished job.Status = "finished"
)

// IsJobFilter reports whether a list of jobs can be narrowed to that status.
func IsJobFilter(s job.Status) bool {
	return s == Open || s == Finished || slices.Contains(job.Statuses, s)
}

// JobQuery is what a list of jobs is asked for.
type JobQuery struct {
	list.Query
	Status job.Status // a status, Open, Finished, or "" for all
	Site   int64      // 0 for all
	Choose bool       // every site is offered, however many there are
	Type   int64      // 0 for all
	Booked Period     // "" for any date, or none
}

// Period is a stretch of time that Date Booked may lie in: one of those named
// here, or a year in four digits.
type Period string

// The periods with names.
const (
	ComingUp     Period = "coming"
	LastWeek     Period = "week"  // seven days back, and today
	LastMonth    Period = "month" // thirty
	LastYear     Period = "year"  // twelve months
	NotBookedYet Period = "none"
)

// Years are how far back a list of jobs offers years.
const Years = 6

// days are the first day of the period and the first one after it; either may
// be none. ok is false for what is no period.
func (p Period) days(today day.Day) (from, until day.Day, ok bool) {
	switch p {
	case ComingUp:
		return today, day.Day{}, true
	case LastWeek:
		return today.AddDays(-7), today.AddDays(1), true
	case LastMonth:
		return today.AddDays(-30), today.AddDays(1), true
	case LastYear:
		return today.AddDays(-365), today.AddDays(1), true
	case NotBookedYet, "":
		return day.Day{}, day.Day{}, p != ""
	}
	year, err := strconv.Atoi(string(p))
	if err != nil || len(p) != 4 || year < 1900 || year > 2200 {
		return day.Day{}, day.Day{}, false
	}
	return day.New(year, time.January, 1), day.New(year+1, time.January, 1), true
}

// Valid reports whether it is a period at all.
func (p Period) Valid() bool {
	_, _, ok := p.days(day.New(2026, time.January, 1))
	return ok
}

// narrow keeps the jobs whose Date Booked lies in the period, by the business's calendar.
func (p Period) narrow(w *list.Where, v Viewer) {
	from, until, ok := p.days(v.Business.Format.Today())
	zone := v.Business.Format.Zone()
	switch {
	case !ok:
	case p == NotBookedYet:
		w.And("j.booked_key = '-infinity'")
	default:
		w.And("j.booked_key >= @booked_from", "booked_from", from.Time(zone))
		if !until.IsZero() {
			w.And("j.booked_key < @booked_until", "booked_until", until.Time(zone))
		}
	}
}

// JobOrders are the ways to sort a list of jobs.
var JobOrders = list.Orders{
	{Key: "newest", Expr: "j.created_at", Type: "timestamptz", Desc: true},
	{Key: "booked", Expr: "j.booked_key", Type: "timestamptz", Desc: true},
	{Key: "number", Expr: "j.id", Type: "bigint", Desc: true}, // numbers come from a sequence, as ids do
}

// JobRow is a job of a list.
type JobRow struct {
	Number      string
	Name        string
	Description string
	Status      job.Status
	Site        string // "" for none
	Type        string
	Colour      string // of the type
	BookedFrom  *time.Time
	BookedUntil *time.Time
	TimeLogged  decimal.Decimal // hours
	NewMessages int             // that the viewer has not opened
}

// Title names a job: its name, or else how its description begins.
func (j JobRow) Title() string { return job.Title(j.Name, j.Description) }

// JobList is a page of jobs and how many there are of each sort that fit what
// was searched for. Counts are exact up to list.MaxCount.
type JobList struct {
	list.Page[JobRow]
	All      int
	Open     int
	Finished int
	Matching int // of what was asked for
	Sites    SiteChoices
	Types    []JobType
	Waiting  AskedThings // for the system that keeps jobs, by their numbers
}

// listedJob is a row as it is read: the page knows the names of all types
// anyway, to choose from.
type listedJob struct {
	JobRow
	TypeID int64
}

// Jobs lists the jobs the viewer sees.
func (r *Reader) Jobs(ctx context.Context, v Viewer, q JobQuery) (JobList, error) {
	var (
		l    JobList
		rows list.Page[listedJob]
		read = r.read
	)
	search, err := r.find(ctx, v, q.Search, jobWords, ownJobs(v))
	if err != nil {
		return l, err
	}
	if q.inOrder(v) {
		read = r.readInOrder
	}
	// Of each order there is an index; the rarer filters are for the planner.
	searched := v.Permissions.AllSites && v.Permissions.JobsSee == contact.All && q.Type == 0 && q.Booked == "" && q.Site == 0
	source := func(status job.Status) list.Source {
		s := jobsOf(v, q, status, search)
		if s.InOrder = searched; searched && search.Many() {
			s.Where.Hint(fewOf("j"))
		}
		s.Most = status == Finished
		return s
	}
	err = read(ctx, v, func(b *postgres.Batch) {
		keepPlansOf(b, search, searched)
		page := source(q.Status)
		page.Columns = listedJobColumns
		switch {
		case q.inOrder(v):
			page.Where.Hint(fewOf("j"))
		case q.apart(v):
			page = ofEachSite(v, "j.site_id", func(v Viewer) list.Source { return jobsOf(v, q, q.Status, nil) })
			page.Columns = listedJobColumns
			views.KeepPlans(b)
		}
		list.QueryPage(b, &rows, q.Query, JobOrders, page)
		if q.plain(v) && !q.inOrder(v) {
			views.KeepOrder(b)
		}
		list.QueryCount(b, &l.Open, source(Open))
		list.QueryCount(b, &l.Finished, source(Finished))
		if q.Status != "" && q.Status != Open && q.Status != Finished {
			list.QueryCount(b, &l.Matching, source(q.Status))
		}
		if !q.plain(v) {
			views.KeepOrder(b)
		}
		querySiteChoices(b, &l.Sites, q.Site, q.Choose)
		postgres.Query(b, &l.Types, `select id, name, colour, active from portal.job_types order by name collate "und-x-icu"`, nil)
		queryWaiting(b, &l.Waiting, v, keeper.Jobs, "number")
	})
	l.All = search.SumCounts(l.Open, l.Finished)
	switch q.Status {
	case "":
		l.Matching = l.All
	case Open:
		l.Matching = l.Open
	case Finished:
		l.Matching = l.Finished
	}
	l.Matching = rows.Counted(l.Matching)
	l.Page = list.MapPage(rows, func(j listedJob) JobRow {
		if i := slices.IndexFunc(l.Types, func(t JobType) bool { return t.ID == j.TypeID }); i >= 0 {
			j.Type, j.Colour = l.Types[i].Name, l.Types[i].Colour
		}
		return j.JobRow
	})
	return l, err
}

// plain reports whether an index answers how many jobs there are.
func (q JobQuery) plain(v Viewer) bool {
	return q.Search == "" && q.Type == 0 && q.Booked == "" && v.Permissions.AllSites && (q.Site == 0 || v.Permissions.JobsSee == contact.All)
}

// inOrder reports whether an index holds just these jobs, in the order of the
// list: its plan is then the same for all.
func (q JobQuery) inOrder(v Viewer) bool {
	switch {
	case !q.plain(v) || q.Sort != JobOrders[0].Key:
		return false
	case q.Status == Open:
		return q.Site == 0 && v.Permissions.JobsSee == contact.All
	}
	return q.Status == "" || q.Status == Finished
}

// apart reports whether the jobs are best gathered from those of each site that
// the viewer sees: an index has the newest of each.
func (q JobQuery) apart(v Viewer) bool {
	return q.Search == "" && q.Type == 0 && q.Booked == "" && q.Site == 0 && q.Sort == JobOrders[0].Key && v.seesFewSites()
}

// fewSitesApart is of how many sites a list is gathered: of each the first page is looked at.
const fewSitesApart = 10

func (v Viewer) seesFewSites() bool {
	return !v.Permissions.AllSites && len(v.Permissions.Sites) <= fewSitesApart
}

// ofEachSite is a source of the viewer whose page is gathered from the first rows of
// each site that they see, as an index has them that begins with the column of the site.
func ofEachSite(v Viewer, column string, source func(Viewer) list.Source) list.Source {
	if !v.seesFewSites() {
		return source(v)
	}
	s := source(v.atEverySite()) // of any of them, an index is in no order
	s.Apart = &list.Apart{Column: column, Values: v.Permissions.Sites}
	return s
}

// jobsOf is where the viewer's jobs of a status come from that fit a query.
func jobsOf(v Viewer, q JobQuery, status job.Status, search *list.Search) list.Source {
	w := ownJobs(v)
	if q.Site != 0 {
		w.And("j.site_id = @site", "site", q.Site)
	}
	if q.Type != 0 {
		w.And("j.job_type_id = @type", "type", q.Type)
	}
	q.Booked.narrow(&w, v)
	switch {
	case status == Open:
		w.And("not j.finished")
	case status == Finished:
		w.And("j.finished")
	case status != "":
		w.And("j.status = @status", "status", status)
	}
	return list.Source{Columns: jobRowColumns, From: "portal.jobs j", ID: "j.id", Where: w, Search: search}
}

const jobColumns = `j.number, j.name, j.description, j.status, j.booked_from, j.booked_until, j.time_logged`

var (
	listedJobColumns = jobColumns + `, ` + siteName("j") + `, '' as type, '' as colour, j.job_type_id as type_id, ` + jobNews
	jobRowColumns    = jobColumns + `, ` + siteName("j") + `,
	coalesce((select t.name from portal.job_types t where t.id = j.job_type_id), '') as type,
	coalesce((select t.colour from portal.job_types t where t.id = j.job_type_id), '') as colour, ` + jobNews
)

var jobNews = newMessages("job_id", "j")

// ownJobs repeats what the view says of scope and sites as plain conditions:
// indexes serve only those.
func ownJobs(v Viewer) list.Where { return within(v, v.Permissions.JobsSee, "j") }

// atEverySite is the viewer where sites are looked at one by one; the views keep to
// those that the contact sees all the same.
func (v Viewer) atEverySite() Viewer {
	v.Permissions.AllSites = true
	return v
}

func within(v Viewer, scope contact.Scope, table string) list.Where {
	var w list.Where
	if scope == contact.Own {
		w.And(table+".main_contact_id = @own", "own", v.Contact)
	}
	if !v.Permissions.AllSites {
		w.And(table+".site_id = any(@sites)", "sites", v.Permissions.Sites)
	}
	return w
}

// siteName is the column of the name of a row's site, "" for none.
func siteName(table string) string {
	return `coalesce((select s.name from portal.sites s where s.id = ` + table + `.site_id), '') as site`
}

// Job is a job with all that a contact sees of it.
type Job struct {
	ID int64
	JobRow
	SiteID         *int64
	SiteAddress    address.Address
	TypeID         int64 `db:"job_type_id"`
	MainContact    string
	MainContactID  *int64
	PurchaseOrder  string
	PreferredOn    day.Day
	CancelledWhy   string
	AnswerUntil    *time.Time // when a visit can no longer be answered
	WorkUndertaken string
	CompletedAt    *time.Time
	QuoteNumber    string // of the linked quote, if the viewer sees it
	InvoiceNumber  string // admin details; empty when hidden
	InvoicingNote  string
	FromPortal     bool
	CreatedBy      *int64 `db:"created_by_contact_id"`
	CreatedAt      time.Time
	Version        int64
	Staff          []string       // names of who is assigned
	History        []JobStatus    `db:"-"`
	Tasks          []JobTask      `db:"-"` // none when hidden
	Time           []TimeEntry    `db:"-"`
	Equipment      []JobEquipment `db:"-"`
	Files          []File         `db:"-"`
	Conversation   Conversation   `db:"-"`
	Answers        []job.Answer   `db:"-"` // to the visit: one at most
	Requests       []KeptRequest  `db:"-"` // to the system that keeps it
	Follows        []JobRef       `db:"-"` // the job that this one follows, if the viewer sees it
	FollowedBy     []JobRef       `db:"-"` // those that follow it
}

// JobRef names another job.
type JobRef struct{ Number, Name, Description string }

// Title is what the job is called.
func (r JobRef) Title() string { return job.Title(r.Name, r.Description) }

// JobStatus is a status that a job came to.
type JobStatus struct {
	Status job.Status
	At     time.Time
}

// JobTask is a task of a job.
type JobTask struct {
	Subject     string
	Description string
	DueOn       day.Day
	DoneAt      *time.Time
}

// TimeEntry is work logged on a day.
type TimeEntry struct {
	WorkedOn day.Day
	Hours    decimal.Decimal
}

// JobEquipment is a piece of equipment worked on.
type JobEquipment struct {
	ID       int64
	PublicID string
	Number   string
	Name     string
	Type     string
}

// Job is the job of that number, or apperr.NotFound.
func (r *Reader) Job(ctx context.Context, v Viewer, number string) (Job, error) {
	var j Job
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		queryJob(b, &j, number)
		if v.Keepers.Keeps(keeper.Jobs).Elsewhere() {
			queryKept(b, &j.Requests, keeper.Jobs, `(select id from portal.seen_jobs where key = @number)`, pgx.NamedArgs{"number": number})
		}
	})
	return j, err
}

func queryJob(b *postgres.Batch, j *Job, number string) {
	n := pgx.NamedArgs{"number": number}
	const this = `(select id from portal.seen_jobs where key = @number)`
	postgres.QueryOne(b, j, `
		select `+jobColumns+`, coalesce(s.name, '') as site, coalesce(t.name, '') as type, coalesce(t.colour, '') as colour, `+jobNews+`,
			j.id, j.site_id, coalesce(s.address, '{}') as site_address, j.job_type_id, coalesce(j.main_contact, '') as main_contact, j.main_contact_id, j.purchase_order, j.preferred_on, j.cancelled_why,
			j.booked_from - make_interval(hours => portal.visit_answer_hours()) as answer_until,
			j.work_undertaken, j.completed_at, coalesce(j.quote_number, '') as quote_number, j.invoice_number, j.invoicing_note, j.origin = 'portal' as from_portal,
			j.created_by_contact_id, j.created_at, j.version, array(select w.name from portal.job_staff w where w.job_id = j.id order by w.name collate "und-x-icu") as staff
		from portal.jobs j left join portal.sites s on s.id = j.site_id left join portal.job_types t on t.id = j.job_type_id
		where j.key = @number`, n)
	postgres.Query(b, &j.History, `select status, at from portal.job_statuses where job_id = `+this+` order by at, id`, n)
	postgres.Query(b, &j.Tasks, `select subject, description, due_on, done_at from portal.tasks where job_id = `+this+` order by done_at is not null, due_on nulls last, id`, n)
	postgres.Query(b, &j.Time, `select worked_on, sum(hours) as hours from portal.time_entries where job_id = `+this+` group by worked_on order by worked_on`, n)
	postgres.Query(b, &j.Equipment, `
		select equipment_id as id, public_id, number, name, type from portal.job_equipment
		where job_id = `+this+` order by name collate "und-x-icu", equipment_id`, n)
	queryConversation(b, &j.Conversation, &j.Files, "job_id", this, n)
	postgres.Query(b, &j.Answers, `select coalesce(contact, '') as contact, suits, wishes, reason, at, kept from portal.visit_answers where job_id = `+this, n)
	const named = `select o.number, o.name, left(o.description, 400) as description, o.id`
	b.Add(named+`, false as later from portal.job_follows f join portal.seen_jobs o on o.id = f.follows_job_id where f.job_id = `+this+` union all
		`+named+`, true from portal.job_follows f join portal.seen_jobs o on o.id = f.job_id where f.follows_job_id = `+this+` order by id`, n, func(rows pgx.Rows) error {
		j.Follows, j.FollowedBy = nil, nil
		return postgres.EachByName(rows, func(o struct {
			JobRef
			ID    int64
			Later bool
		},
		) {
			if o.Later {
				j.FollowedBy = append(j.FollowedBy, o.JobRef)
			} else {
				j.Follows = append(j.Follows, o.JobRef)
			}
		})
	})
}

// Visit reports whether somebody is expected: the job has a date, and is
// neither put off nor over.
func (j Job) Visit() bool {
	return j.BookedFrom != nil && j.Status.Expected()
}

// CreatedByViewer reports whether the viewer asked for the job.
func (j Job) CreatedByViewer(v Viewer) bool { return j.CreatedBy != nil && *j.CreatedBy == v.Contact }

// MayEdit reports whether the viewer may edit the job now.
func (j Job) MayEdit(v Viewer) bool { return v.MayEditJobs() && !j.Status.Started() }

// WhyNotEdit tells a viewer who may edit jobs why this one cannot be edited any
// more; it is empty for everybody else.
func (j Job) WhyNotEdit(v Viewer) string {
	switch {
	case !v.MayEditJobs() || j.MayEdit(v):
		return ""
	case j.Status == job.Cancelled:
		return "This job was cancelled, so it can no longer be edited."
	case j.Status.Finished():
		return "This job is finished, so it can no longer be edited."
	}
	return "Work on this job has started, so it can no longer be edited here. If something has changed, call " + caller(v) + "."
}

// Caller is whom to call: the business, with its phone number if there is one.
func (v Viewer) Caller() string { return caller(v) }

func caller(v Viewer) string {
	if v.Business.Phone == "" {
		return v.Business.Name
	}
	return v.Business.Name + " on " + v.Business.Phone
}

// MayAddFiles reports whether the viewer may add files now: to what they may
// edit, and to what they asked for as long as it is not finished.
func (j Job) MayAddFiles(v Viewer) bool {
	return j.MayEdit(v) || (j.CreatedByViewer(v) && !v.Linked() && !j.Status.Finished())
}

// MayRemove reports whether the viewer may take back a file of the job.
func (j Job) MayRemove(v Viewer, f File) bool {
	return f.By(v) && !j.Status.Started()
}

// JobChoices are what a form for a job offers.
type JobChoices struct {
	Types                 []JobType
	Places                Places
	Equipment             []EquipmentChoice // all that is in use; only what was asked about when that is TooMuch
	TooMuch               bool
	PurchaseOrderRequired bool // known only where admin details are shown
}

// MaxEquipmentChoices is how much equipment a form offers to choose from. A
// customer with more begins at the equipment's own page.
const MaxEquipmentChoices = 100

// JobType is a kind of job to choose from.
type JobType struct {
	ID     int64
	Name   string
	Colour string
	Active bool
}

// EquipmentChoice is a piece of equipment to choose from.
type EquipmentChoice struct {
	ID       int64
	PublicID string
	Number   string
	Name     string
	SiteID   int64 // 0 for none
	Site     string
}

// About is the piece of equipment that a job is about, by its id or its opaque
// id; the zero About is none.
type About struct {
	ID       int64
	PublicID string
}

func (a About) is(e EquipmentChoice) bool {
	return (a.ID != 0 && e.ID == a.ID) || (a.PublicID != "" && e.PublicID == a.PublicID)
}

// About is what a job is about, among what may be chosen; nil for none.
func (c JobChoices) About(a About) *EquipmentChoice {
	if i := slices.IndexFunc(c.Equipment, a.is); i >= 0 {
		return &c.Equipment[i]
	}
	return nil
}

// JobChoices are what the viewer may choose for a job. With a site, it is the
// equipment that stands there, or nowhere in particular.
func (r *Reader) JobChoices(ctx context.Context, v Viewer, about About, site int64) (JobChoices, error) {
	var c JobChoices
	err := r.read(ctx, v, func(b *postgres.Batch) { queryJobChoices(b, &c, about, site) })
	return c, err
}

func queryJobChoices(b *postgres.Batch, c *JobChoices, about About, site int64) {
	here := ""
	if site != 0 {
		here = " and (e.site_id = @site or e.site_id is null)"
	}
	postgres.Query(b, &c.Types, `select id, name, colour, active from portal.job_types where active order by name collate "und-x-icu"`, nil)
	queryPlaces(b, &c.Places)
	offer := selectOffered + here
	// What it is about by itself: to put it in front, a list would have to be read whole.
	offered := "(" + offer + " order by e.id limit @most)"
	if about != (About{}) {
		offered += " union (" + offer + isAbout + ")"
	}
	b.Add(`select * from (`+offered+`) offered order by nullif(site, '') collate "und-x-icu" nulls last, name collate "und-x-icu", id`,
		pgx.NamedArgs{"id": about.ID, "public": about.PublicID, "site": site, "most": MaxEquipmentChoices + 1}, func(rows pgx.Rows) (err error) {
			if c.Equipment, err = pgx.CollectRows(rows, pgx.RowToStructByName[EquipmentChoice]); len(c.Equipment) > MaxEquipmentChoices {
				c.TooMuch = true
				c.Equipment = slices.DeleteFunc(c.Equipment, func(e EquipmentChoice) bool { return !about.is(e) })
			}
			return err
		})
	postgres.QueryValue(b, &c.PurchaseOrderRequired, `select coalesce(bool_or(purchase_order_required), false) from portal.addressee`, nil)
}

// selectOffered reads the equipment that may be chosen for a job, isAbout picks
// what it is about.
const (
	selectOffered = `
		select e.id, e.public_id, e.number, e.name, coalesce(s.id, 0) as site_id, coalesce(s.name, '') as site
		from portal.equipment e left join portal.sites s on s.id = e.site_id
		where e.status = 'in use'`
	isAbout = " and (e.id = @id or e.public_id = @public)"
)

// queryOffered adds the query for what a job is about, if it may be chosen.
func queryOffered(b *postgres.Batch, into *[]EquipmentChoice, about About) {
	postgres.Query(b, into, selectOffered+isAbout, pgx.NamedArgs{"id": about.ID, "public": about.PublicID})
}

// OnHoldWords are what a viewer is told instead of a form for new work while
// their customer is on hold; empty otherwise.
func (v Viewer) OnHoldWords() string {
	if err := refuseOnHold(v); err != nil {
		return err.Error()
	}
	return ""
}
