package exchange

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/attachment"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/message"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

// History is a kind of what happened to things: it is added, and never changed.
// What a business has set is one, too: see Settings.
type History string

// What happened.
const (
	Versions History = "quote-versions"
	Answers  History = "quote-answers"
	Statuses History = "job-statuses"
	Messages History = "messages"
	Files    History = "files"
)

// Histories are all of it, each behind what it refers to.
var Histories = []History{Versions, Answers, Statuses, Messages, Files}

// Version is a version of a quote. Its words are those that were sent; one that
// was not sent has none of its own.
type Version struct {
	Head
	Quote       string          `json:"quote" ref:"quotes" need:"yes" label:"Quote"`
	Number      int             `json:"number" need:"yes" label:"Version"`
	SentAt      *time.Time      `json:"sent_at" label:"Sent"`
	SentBy      string          `json:"sent_by" ref:"staff" label:"Sent by"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	ValidUntil  day.Day         `json:"valid_until"`
	Inclusions  string          `json:"inclusions"`
	Exclusions  string          `json:"exclusions"`
	Terms       string          `json:"terms"`
	CreatedAt   *time.Time      `json:"created_at" label:"Created"`
	Lines       []QuoteLine     `json:"lines"`
	Total       decimal.Decimal `json:"total" label:"Total" only:"out"`
	Currency    string          `json:"currency" label:"Currency" only:"out"`

	quote, sentBy int64
}

// Answer is what a customer said to a version of a quote, and the evidence of it.
type Answer struct {
	Head
	Quote         string     `json:"quote" ref:"quotes" need:"yes" label:"Quote"`
	Number        int        `json:"number" need:"yes" label:"Version"`
	Decision      string     `json:"decision" need:"yes" label:"Answer" values:"decision"`
	FullName      string     `json:"full_name" need:"yes" label:"Full name"`
	Contact       string     `json:"contact" ref:"contacts" label:"Contact"`
	At            *time.Time `json:"at" need:"yes" label:"When"`
	Way           string     `json:"way" label:"How" values:"way"`
	PurchaseOrder string     `json:"purchase_order"`
	Reason        string     `json:"reason" label:"Reason"`
	Terms         string     `json:"terms" label:"Terms shown"`
	ByLink        bool       `json:"by_link" label:"By the link of an email"`
	Address       string     `json:"address" label:"Internet address"`
	Browser       string     `json:"browser" label:"Browser"`
	RecordedBy    string     `json:"recorded_by" ref:"staff" label:"Recorded by"`
	RecordedAt    *time.Time `json:"recorded_at" label:"Recorded"`
	Signature     string     `json:"signature" label:"Signature" doc:"The picture of it: its place in an export."`

	Key string `json:"-" db:"signature_key"` // of the picture in the store

	quote, contact, recordedBy int64
}

// JobStatus is a status that a job came to.
type JobStatus struct {
	Head
	Job     string     `json:"job" ref:"jobs" need:"yes" label:"Job"`
	Status  string     `json:"status" need:"yes" values:"job"`
	At      *time.Time `json:"at" need:"yes" label:"When"`
	Staff   string     `json:"staff" ref:"staff" label:"By staff"`
	Contact string     `json:"contact" ref:"contacts" label:"By contact"`

	job, staff, contact int64
}

// Message is a message or a staff note on a job or a quote.
type Message struct {
	Head
	Job       string     `json:"job" ref:"jobs" label:"Job"`
	Quote     string     `json:"quote" ref:"quotes" label:"Quote"`
	StaffOnly bool       `json:"staff_only" label:"Staff note"`
	At        *time.Time `json:"at" need:"yes" label:"When"`
	Staff     string     `json:"staff" ref:"staff" label:"From staff"`
	Contact   string     `json:"contact" ref:"contacts" label:"From contact"`
	Text      string     `json:"text" need:"yes"`
	ByEmail   bool       `json:"by_email" label:"By email"`

	on             message.On
	staff, contact int64
}

// File is a file, and what is said of it.
type File struct {
	Head
	Customer     string     `json:"customer" ref:"customers" need:"yes" label:"Customer"`
	Job          string     `json:"job" ref:"jobs" label:"Job"`
	Quote        string     `json:"quote" ref:"quotes" label:"Quote"`
	Equipment    string     `json:"equipment" ref:"equipment" label:"Equipment"`
	Message      string     `json:"message" label:"Message" doc:"The id of the message that it came with."`
	Name         string     `json:"name" need:"yes" label:"Name"`
	Type         string     `json:"kind" label:"Kind" only:"out"`
	MediaType    string     `json:"media_type" label:"Media type"`
	Size         int        `json:"size" label:"Size"`
	Caption      string     `json:"caption" label:"Caption"`
	TakenAt      *time.Time `json:"taken_at" label:"Taken at"`
	DocumentKind string     `json:"document_kind" label:"Document kind"`
	ValidUntil   day.Day    `json:"valid_until" label:"Valid until"`
	AtSite       string     `json:"at_site" ref:"sites" label:"Holds at site"`
	AtEquipment  string     `json:"at_equipment" ref:"equipment" label:"Holds for equipment"`
	CustomerView bool       `json:"customer_view" label:"Customer View"`
	SharedAt     *time.Time `json:"shared_at" label:"Shared at"`
	SharedBy     string     `json:"shared_by" ref:"staff" label:"Shared by"`
	UploadedAt   *time.Time `json:"uploaded_at" label:"Uploaded at"`
	Staff        string     `json:"staff" ref:"staff" label:"Uploaded by staff"`
	Contact      string     `json:"contact" ref:"contacts" label:"Uploaded by contact"`
	SHA256       string     `json:"sha256" label:"SHA-256"`
	Path         string     `json:"path" label:"File" doc:"Its place in an export."`

	Folder string `json:"-" db:"folder"`   // of an export
	Key    string `json:"-" db:"blob_key"` // in the store

	brought attachment.Brought
}

// past is how a history is read.
type past struct {
	label, one string
	blank      func() Record
	form       problem.Fields
	sql        string
	load       func(ctx context.Context, db postgres.DB, sql string, args pgx.NamedArgs, take func(Record) error) error
}

const pastHead = `t.id as row, t.customer_id as customer_row, t.id::text as key, 1::bigint as version, `

// idsOf are the ids of a thing at other systems.
func idsOf(kind, id string) string {
	return `coalesce((select jsonb_agg(jsonb_build_object('source', x.source, 'id', x.id) order by x.source, x.id) from external_ids x where x.kind = '` + kind + `' and x.row_id = ` + id + `), '[]')`
}

const linesOf = `coalesce((select jsonb_agg(jsonb_build_object('section', l.section, 'description', l.description, 'quantity', l.quantity, 'unit_price', coalesce(l.unit_price_exact, l.unit_price),
	'tax_name', l.tax_name, 'tax_percent', l.tax_percent, 'second_tax_name', l.second_tax_name, 'second_tax_percent', l.second_tax_percent, 'discount', l.discount,
	'discount_percent', l.discount_percent) order by l.position) from quote_lines l where l.version_id = t.id), '[]')`

var pasts = joined(settingPasts, map[History]past{
	Versions: {
		label: "Quote Versions", one: "version of a quote", blank: func() Record { return new(Version) }, form: quote.Fields,
		sql: `select ` + pastHead + `t.created_at as updated_at, null::timestamptz as archived_at, '[]'::jsonb as external_ids, q.number as quote, t.number, t.sent_at, ` + staffName("m") + ` as sent_by,
				t.name, t.description, t.valid_until, t.inclusions, t.exclusions, t.terms, t.created_at, t.total::numeric as total, q.currency, ` + linesOf + ` as lines
			from quote_versions t join quotes q on q.id = t.quote_id left join staff m on m.id = t.sent_by_id order by t.quote_id, t.number`,
		load: loader(func(v *Version) {
			v.Total = v.Total.Shift(-int32(company.MinorUnits(v.Currency)))
			inMajor(v.Currency, v.Lines)
		}),
	},
	Answers: {
		label: "Quote Answers", one: "answer to a quote", blank: func() Record { return new(Answer) }, form: quote.Fields,
		sql: `select ` + pastHead + `t.at as updated_at, null::timestamptz as archived_at, '[]'::jsonb as external_ids, q.number as quote, v.number, t.decision, t.full_name, ` + contactName("c") + ` as contact,
				t.at, t.way, t.purchase_order, t.reason, t.terms, t.by_link, coalesce(host(t.address), '') as address, t.browser, ` + staffName("m") + ` as recorded_by, t.recorded_at, '' as signature, t.signature_key
			from acceptances t join quote_versions v on v.id = t.version_id join quotes q on q.id = v.quote_id left join contacts c on c.id = t.contact_id left join staff m on m.id = t.recorded_by_id
			order by v.quote_id, v.number`,
		load: loader[Answer](nil),
	},
	Statuses: {
		label: "Job History", one: "status of a job", blank: func() Record { return new(JobStatus) }, form: job.Fields,
		sql: `select ` + pastHead + `t.at as updated_at, null::timestamptz as archived_at, '[]'::jsonb as external_ids, j.number as job, t.status, t.at, ` + staffName("m") + ` as staff, ` + contactName("c") + ` as contact
			from job_statuses t join jobs j on j.id = t.job_id left join staff m on m.id = t.staff_id left join contacts c on c.id = t.contact_id order by t.job_id, t.at, t.id`,
		load: loader[JobStatus](nil),
	},
	Messages: {
		label: "Messages", one: "message", blank: func() Record { return new(Message) }, form: message.Fields,
		sql: `select ` + pastHead + `t.updated_at, null::timestamptz as archived_at, ` + idsOf("messages", "t.id") + ` as external_ids, coalesce(j.number, '') as job, coalesce(q.number, '') as quote, t.staff_only,
				t.at, ` + staffName("m") + ` as staff, ` + contactName("c") + ` as contact, t.text, t.by_email
			from messages t left join jobs j on j.id = t.job_id left join quotes q on q.id = t.quote_id left join staff m on m.id = t.staff_id left join contacts c on c.id = t.contact_id order by t.id`,
		load: loader[Message](nil),
	},
	Files: {
		label: "Files", one: "file", blank: func() Record { return new(File) }, form: nil,
		sql: `select * from (select ` + pastHead + `t.updated_at, null::timestamptz as archived_at, ` + idsOf("files", "t.id") + ` as external_ids, cu.number as customer, coalesce(j.number, '') as job,
				coalesce(q.number, '') as quote, ` + itemName("e") + ` as equipment, coalesce(t.message_id::text, '') as message, t.name, t.kind as type, t.media_type, t.size, t.caption, t.taken_at,
				coalesce(k.name, '') as document_kind, t.valid_until, ` + siteName + ` as at_site, ` + itemName("ae") + ` as at_equipment, t.customer_view, t.shared_at, ` + staffName("sm") + ` as shared_by,
				t.uploaded_at, ` + staffName("m") + ` as staff, ` + contactName("c") + ` as contact, '' as sha256, '' as path, t.blob_key,
				coalesce(j.number, q.number, cu.number || coalesce('/' || e.number, '')) as folder
			from attachments t join customers cu on cu.id = t.customer_id left join messages me on me.id = t.message_id left join jobs j on j.id = coalesce(t.job_id, me.job_id)
				left join quotes q on q.id = coalesce(t.quote_id, me.quote_id) left join equipment e on e.id = t.equipment_id left join document_kinds k on k.id = t.document_kind_id
				left join sites s on s.id = t.at_site_id left join equipment ae on ae.id = t.at_equipment_id left join staff sm on sm.id = t.shared_by_id
				left join staff m on m.id = t.uploaded_by_staff_id left join contacts c on c.id = t.uploaded_by_contact_id
			where t.removed_at is null) f order by lower(folder) collate "C", row`,
		load: loader[File](nil),
	},
})

func joined(a, b map[History]past) map[History]past {
	maps.Copy(b, a)
	return b
}

// itemName is in SQL what records call a piece of equipment.
func itemName(e string) string {
	return `coalesce(case when ` + e + `.number` + unlike + ` then '#' || ` + e + `.public_id else ` + e + `.number end, '')`
}

// Label is the history as a table is called: Quote Versions.
func (h History) Label() string { return pasts[h].label }

// Fields are its fields, in the order of the columns.
func (h History) Fields() []Field { return fieldsOfPast()[h] }

var fieldsOfPast = sync.OnceValue(func() map[History][]Field {
	all := map[History][]Field{}
	for h, p := range pasts {
		all[h] = reflected(p.blank(), p.form)
	}
	return all
})

// Blank is an empty record of it.
func (h History) Blank() Record { return pasts[h].blank() }

// EachOf goes through all there is of a history: what belongs to one thing
// together, the oldest first; files by their folder.
func EachOf(ctx context.Context, tx postgres.Tx, h History, take func(Record) error) error {
	return eachByCursor(ctx, tx, string(h), pasts[h].sql, pasts[h].load, take)
}

// lineFields are the fields of a line of a quote.
var lineFields = sync.OnceValue(func() []Field { return reflected(new(lineRecord), nil) })

// lineRecord is a line as a record has it, for its fields alone.
type lineRecord struct {
	Head
	QuoteLine
}

// LineFields are the fields of a line of a quote, as its columns.
func LineFields() []Field { return lineFields() }

// LineRecord is a line as a record, for the fields of LineFields.
func LineRecord(l QuoteLine) Record { return &lineRecord{QuoteLine: l} }

// LineOf is the line of such a record.
func LineOf(r Record) QuoteLine { return as[*lineRecord](r).QuoteLine }

// Past is what comes in at once of a history: all versions of one quote, all
// statuses of one job, or one of the others.
type Past struct {
	History  History
	External string       // the id of a message or file at the source, "" for none
	Also     []ExternalID // its ids at other sources, where it comes from
	All      []Record
}

// PutHistory adds what happened elsewhere, or sets what was set there. What is
// there already is the same. Its Row is that of the quote or job, the message, the
// file or the setting. It fails as Put does.
func PutHistory(ctx context.Context, tx postgres.Tx, by By, refs *Refs, in Past, c Choices) (Outcome, error) {
	out, err := putHistory(ctx, tx, by, refs, in, c.Dry)
	if refusal, ok := refused(err); ok {
		return Outcome{State: Refused, Problems: refusal}, nil
	}
	if name := postgres.Constraint(err); name != "" { // of a file that somebody has written by hand
		return Outcome{State: Refused, Problems: problem.Set{"": "This does not go together with what is here (" + strings.ReplaceAll(name, "_", " ") + ")."}}, nil
	}
	if err != nil {
		return out, fmt.Errorf("bring in a %s: %w", pasts[in.History].one, err)
	}
	return out, nil
}

func putHistory(ctx context.Context, tx postgres.Tx, by By, refs *Refs, in Past, dry bool) (out Outcome, err error) {
	if in.External != "" && by.Source != "" {
		row, err := findExternal(ctx, tx, Kind(in.History), by.Source, in.External)
		if err != nil || row != 0 {
			return Outcome{State: Same, Row: row}, err
		}
	}
	promised, err := in.judge(ctx, tx, by, refs)
	if err != nil {
		return out, err
	}
	switch {
	case !dry:
		if out, err = in.write(ctx, tx, by); err != nil {
			return out, err
		}
		if in.External != "" {
			refs.found[place{Kind(in.History), 0, strings.ToLower(refs.external(in.External))}] = only(out.Row)
		}
		return out, note(ctx, tx, by, Incoming{Kind: Kind(in.History), External: in.External, Also: in.Also}, out.Row, in.All[0])
	case promised || in.History == Files: // whose bytes are kept only then
		out.State = New
	default: // and back to before it
		point, err := tx.Begin(ctx)
		if err != nil {
			return out, err
		}
		out, err = in.write(ctx, point, by)
		if err = errors.Join(err, point.Rollback(ctx)); err != nil {
			return out, err
		}
	}
	if out.State == New {
		out.Row, err = refs.promise(ctx, tx, Kind(in.History), 0, 0, promise{names: in.names(refs)})
	}
	return out, err
}

// names are those by which others of the same file refer to it.
func (in Past) names(refs *Refs) []string {
	if k, ok := in.All[0].(*DocumentKind); ok {
		return []string{k.Name}
	}
	return []string{refs.external(in.External)}
}

// judge finds what the records refer to. Promised says that some of it is what a
// dry run would make.
func (in Past) judge(ctx context.Context, db postgres.DB, by By, refs *Refs) (promised bool, err error) {
	all := in.All
	problems := problem.Set{}
	for _, r := range all {
		j := &judging{ctx: ctx, db: db, by: by, refs: refs, now: r, problems: problems}
		switch r := r.(type) {
		case *Version:
			r.quote = j.ofQuote(r.Quote)
			r.sentBy = j.ref("sent_by", Staff, 0, r.SentBy)
		case *Answer:
			r.quote = j.ofQuote(r.Quote)
			r.contact = j.ref("contact", Contacts, r.CustomerRow, r.Contact)
			r.recordedBy = j.ref("recorded_by", Staff, 0, r.RecordedBy)
			problems.Unless(r.At != nil, "at", "Say when.")
		case *JobStatus:
			r.job = j.of("job", Jobs, r.Job)
			r.staff = j.ref("staff", Staff, 0, r.Staff)
			r.contact = j.ref("contact", Contacts, r.CustomerRow, r.Contact)
			problems.Unless(r.At != nil, "at", "Say when.")
		case *Message:
			r.on.Number = r.Job + r.Quote
			if r.Job != "" {
				r.on.Job = j.of("job", Jobs, r.Job)
			} else {
				r.on.Quote = j.ofQuote(r.Quote)
			}
			r.on.Customer = r.CustomerRow
			r.staff = j.ref("staff", Staff, 0, r.Staff)
			r.contact = j.ref("contact", Contacts, r.CustomerRow, r.Contact)
			problems.Unless(r.At != nil, "at", "Say when.")
		case *File:
			j.file(r)
		}
		if j.err != nil {
			return false, j.err
		}
		promised = promised || j.promised
	}
	return promised, problems.Err()
}

// write writes what was judged.
func (in Past) write(ctx context.Context, tx postgres.Tx, by By) (out Outcome, err error) {
	all := in.All
	out.State = New
	made := true
	switch r := all[0].(type) {
	case *TaxRate, *DocumentKind, *SavedLine, *Template:
		out.Row, out.State, err = putSetting(ctx, tx, by, r)
	case *Version:
		out.Row = r.quote
		var currency string
		if err = tx.QueryRow(ctx, `select currency from quotes where id = $1`, r.quote).Scan(&currency); err != nil {
			return out, err
		}
		for _, v := range all {
			as[*Version](v).Currency = currency
		}
		made, err = quote.SetBroughtVersions(ctx, tx, by.actor(), r.Quote, versionsOf(all))
	case *Answer:
		out.Row = r.quote
		made, err = quote.BringAnswer(ctx, tx, by.actor(), r.Quote, quote.BroughtAnswer{
			Version: r.Number, Decision: quote.Status(r.Decision), Contact: r.contact, FullName: r.FullName, PurchaseOrder: r.PurchaseOrder, Reason: r.Reason, Terms: r.Terms, At: *r.At, Way: quote.Way(r.Way),
			RecordedBy: r.recordedBy, RecordedAt: r.RecordedAt, Address: r.Address, Browser: r.Browser, ByLink: r.ByLink, Signature: r.Key,
		})
	case *JobStatus:
		out.Row = r.job
		made, err = job.SetBroughtHistory(ctx, tx, by.actor(), r.Job, changesOf(all))
	case *Message:
		out.Row, err = message.Bring(ctx, tx, by.actor(), message.Brought{
			New: message.New{On: r.on, Text: r.Text, StaffOnly: r.StaffOnly, ByEmail: r.ByEmail}, By: r.staff, Contact: r.contact, At: *r.At,
		})
	case *File:
		out.Row, made, err = attachment.Bring(ctx, tx, by.actor(), r.brought)
	}
	if !made {
		out.State = Same
	}
	return out, err
}

// of finds the job or quote that a record tells of, and with it whose it is.
func (j *judging) of(field string, k Kind, name string) int64 {
	row := j.ref(field, k, 0, name)
	j.problems.Unless(row != 0 || j.problems[field] != "", field, "Say which "+k.One()+".")
	if row == 0 || j.err != nil {
		return 0
	}
	if row < 0 {
		j.now.head().CustomerRow = j.refs.owners[row]
		return row
	}
	if err := j.db.QueryRow(j.ctx, `select customer_id from `+nouns[k].table+` where id = $1`, row).Scan(&j.now.head().CustomerRow); err != nil {
		j.err = fmt.Errorf("customer of a %s: %w", k.One(), err)
	}
	return row
}

func (j *judging) ofQuote(name string) int64 { return j.of("quote", Quotes, name) }

func (j *judging) file(f *File) {
	f.CustomerRow = j.customer(f.Customer)
	b := attachment.Brought{
		On: attachment.On{Customer: f.CustomerRow}, Name: f.Name, MediaType: f.MediaType, Size: int64(f.Size), Caption: f.Caption, TakenAt: f.TakenAt, CustomerView: f.CustomerView,
		SharedAt: f.SharedAt, UploadedAt: f.UploadedAt, Key: f.Key,
	}
	switch {
	case f.Message != "":
		b.On.Message = j.past("message", Messages, j.refs.external(f.Message), `select coalesce((select row_id from external_ids where kind = 'messages' and source = @source and id = @name), 0)`,
			pgx.NamedArgs{"source": j.by.Source, "name": f.Message}, fmt.Sprintf("There is no message “%s”.", f.Message))
	case f.Job != "":
		b.On.Job = j.ref("job", Jobs, 0, f.Job)
	case f.Quote != "":
		b.On.Quote = j.ref("quote", Quotes, 0, f.Quote)
	case f.Equipment != "":
		b.On.Equipment = j.ref("equipment", Equipment, f.CustomerRow, f.Equipment)
	}
	b.SharedBy = j.ref("shared_by", Staff, 0, f.SharedBy)
	b.Staff = j.ref("staff", Staff, 0, f.Staff)
	b.Contact = j.ref("contact", Contacts, f.CustomerRow, f.Contact)
	b.Document = attachment.Document{
		Site: j.ref("at_site", Sites, f.CustomerRow, f.AtSite), Equipment: j.ref("at_equipment", Equipment, f.CustomerRow, f.AtEquipment), ValidUntil: f.ValidUntil,
	}
	if f.DocumentKind != "" {
		b.Document.Kind = j.past("document_kind", DocumentKinds, f.DocumentKind, `select coalesce((select id from document_kinds where lower(name) = lower(@name)), 0)`,
			pgx.NamedArgs{"name": f.DocumentKind}, fmt.Sprintf("There is no kind of document “%s”.", f.DocumentKind))
	}
	f.brought = b
}

// past is the row of a message or a setting that the same file brought, or that a
// statement finds; otherwise words say that there is none.
func (j *judging) past(field string, h History, name, sql string, args pgx.NamedArgs, none string) (row int64) {
	if j.err != nil {
		return 0
	}
	c, known := j.refs.found[place{Kind(h), 0, strings.ToLower(name)}]
	if known {
		row = c.rows[0]
	} else {
		if err := j.db.QueryRow(j.ctx, sql, args).Scan(&row); err != nil {
			j.err = fmt.Errorf("find the %s of a file: %w", pasts[h].one, err)
		}
	}
	j.promised = j.promised || row < 0
	j.problems.Unless(row != 0, field, none)
	return row
}

func versionsOf(all []Record) (versions []quote.BroughtVersion) {
	for _, r := range all {
		v := as[*Version](r)
		b := quote.BroughtVersion{
			Number: v.Number, SentAt: v.SentAt, SentBy: v.sentBy, Name: v.Name, Description: v.Description, ValidUntil: v.ValidUntil, Inclusions: v.Inclusions, Exclusions: v.Exclusions, Terms: v.Terms,
			CreatedAt: v.CreatedAt, Lines: linesIn(v.Currency, v.Lines),
		}
		versions = append(versions, b)
	}
	return versions
}

func changesOf(all []Record) (changes []job.BroughtStatus) {
	for _, r := range all {
		s := as[*JobStatus](r)
		changes = append(changes, job.BroughtStatus{Status: job.Status(s.Status), At: *s.At, Staff: s.staff, Contact: s.contact})
	}
	return changes
}

// MessageID is the id of a message, as files name it.
func MessageID(row int64) string { return strconv.FormatInt(row, 10) }
