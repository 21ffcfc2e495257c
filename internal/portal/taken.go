package portal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// What a contact may take along at once, and how often within an hour.
const (
	MaxTakings    = 5
	MaxTakenRows  = 20_000 // of a table
	MaxTakenFiles = 5_000
	MaxTakenBytes = 4 << 30
)

// Taken is what a contact sees, to take along: the rows and files of the pages,
// read through the same views.
type Taken struct {
	Tables []TakenTable
	Files  []TakenFile
	Absent []string // what is not in it, and why
}

// TakenTable is a table of it.
type TakenTable struct {
	Name string
	Head []string
	Rows [][]string
}

// TakenFile is a file, and the number of what it hangs on.
type TakenFile struct {
	File
	Folder string
}

// TakeData is everything that the viewer sees at this moment. That it was taken
// is noted and counted.
func (d *Service) TakeData(ctx context.Context, v Viewer) (t Taken, err error) {
	postgres.TakeTime(ctx)
	err = d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		err := now.checkHourly(ctx, tx, MaxTakings, "downloaded your data %d times", "You can download it again", `
			select at from data_takings where contact_id = @contact order by 1 desc limit @most`)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from data_takings where contact_id = $1 and at < now() - interval '1 day'`, now.Contact); err != nil {
			return fmt.Errorf("note that data was taken: %w", err)
		}
		if _, err := tx.Exec(ctx, `insert into data_takings (contact_id) values ($1)`, now.Contact); err != nil {
			return fmt.Errorf("note that data was taken: %w", err)
		}
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryTaken(b, &t, now) }); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now.Actor(), audit.New{Action: audit.DataTaken, ID: now.Contact, Label: now.Name, Customer: now.Customer})
	})
	if err != nil {
		return Taken{}, err
	}
	t.limit()
	return t, nil
}

// takenTable is how a table is read: a row is an array of texts.
type takenTable struct {
	name string
	head []string
	sql  string
	fix  func(row []string, today day.Day) // what a page says instead of what is stored
}

// takenMoment is a moment in SQL, as moments reads it.
func takenMoment(column string) string {
	return `coalesce(extract(epoch from ` + column + `)::text, '')`
}

// momentHeads are the columns of moments.
var momentHeads = []string{"Sent", "Created", "When", "Date Booked", "End", "Completed", "Done", "Uploaded"}

// moments writes the moments of rows where the business is.
func (t TakenTable) moments(f company.Format) {
	for i, head := range t.Head {
		if !slices.Contains(momentHeads, head) {
			continue
		}
		for _, row := range t.Rows {
			if seconds, err := strconv.ParseFloat(row[i], 64); err == nil {
				row[i] = f.Local(time.Unix(int64(seconds), 0)).Format("2006-01-02 15:04")
			}
		}
	}
}

func addressOf(a string) string {
	var parts []string
	for _, part := range []string{"line1", "line2", "city", "region", "postcode", "country"} {
		parts = append(parts, `coalesce(`+a+`->>'`+part+`', '')`)
	}
	return strings.Join(parts, ", ")
}

var addressHeads = []string{"Address line 1", "Address line 2", "City", "Region", "Postcode", "Country"}

func money(row []string, currency string, at ...int) {
	for _, i := range at {
		if minor, err := decimal.NewFromString(row[i]); err == nil {
			row[i] = company.PlainPrice(minor, currency)
		}
	}
}

// takenTables are the tables, in the order of the navigation.
var takenTables = []takenTable{
	{"My Details", []string{"Name", "Email", "Sign-in address", "Phone", "Mobile", "Role"}, `select array[name, email, coalesce(sign_in_email, ''), phone, mobile, role] from portal.viewer`, nil},
	{
		"Company", append([]string{"Number", "Name", "Company name", "Phone", "Mobile", "Email", "Payment terms", "Invoices are delivered", "Invoices go to"}, addressHeads...),
		`select array[number, name, company_name, phone, mobile, email, payment_terms, invoice_delivery, invoice_address, ` + addressOf("street") + `] from portal.customer`, nil,
	},
	{
		"Sites", append([]string{"Site", "Site contact"}, addressHeads...),
		`select array[name, site_contact, ` + addressOf("address") + `] from portal.sites where not archived order by name collate "und-x-icu", id`, nil,
	},
	{
		"Quotes",
		[]string{"Number", "Name", "Description", "Status", "Site", "Main contact", "Job type", "Preferred date", "Valid until", "Purchase order", "Currency", "Price Estimate", "Net", "Tax", "Total", "Inclusions", "Exclusions", "Terms and conditions", "Assigned", "Sent", "Created"},
		`select array[q.number, q.name, q.description, q.status, coalesce(s.name, ''), coalesce(q.main_contact, ''), coalesce(t.name, ''), coalesce(q.preferred_on::text, ''), coalesce(q.valid_until::text, ''), q.purchase_order, q.currency,
			coalesce(q.price_estimate::text, ''), coalesce(q.net::text, ''), coalesce(q.tax::text, ''), coalesce(q.total::text, ''), q.inclusions, q.exclusions, q.terms,
			(select coalesce(string_agg(w.name, '; ' order by w.name collate "und-x-icu"), '') from portal.quote_staff w where w.quote_id = q.id), ` + takenMoment("q.sent_at") + `, ` + takenMoment("q.created_at") + `]
		from portal.quotes q left join portal.sites s on s.id = q.site_id left join portal.job_types t on t.id = q.job_type_id order by q.created_at desc, q.id desc`,
		func(row []string, today day.Day) {
			until, _ := day.Parse(row[8])
			row[3] = quote.Status(row[3]).Shown(until, today).Label()
			money(row, row[10], 11, 12, 13, 14)
		},
	},
	{
		"Quote Lines",
		[]string{"Quote", "Section", "Description", "Quantity", "Unit price", "Tax", "Tax per cent", "Second tax", "Second tax per cent", "Total", "Currency"},
		`select array[q.number, l.section, l.description, trim_scale(l.quantity)::text, coalesce(l.unit_price_exact, l.unit_price)::text, l.tax_name, trim_scale(l.tax_percent)::text, l.second_tax_name, trim_scale(l.second_tax_percent)::text, l.line_total::text, q.currency]
		from portal.quote_lines l join portal.quotes q on q.id = l.quote_id order by q.created_at desc, q.id desc, l.position`,
		func(row []string, _ day.Day) { money(row, row[10], 4, 9) },
	},
	{
		"Quote Answers",
		[]string{"Quote", "Version", "Answer", "Full name", "Purchase order", "Reason", "When"},
		`select array[q.number, a.version::text, a.decision, a.full_name, a.purchase_order, a.reason, ` + takenMoment("a.at") + `] from portal.quote_answers a join portal.quotes q on q.id = a.quote_id order by q.created_at desc, q.id desc, a.version`,
		func(row []string, _ day.Day) { row[2] = quote.Status(row[2]).Label() },
	},
	{
		"Jobs",
		[]string{"Number", "Name", "Description", "Job type", "Status", "Site", "Main contact", "Purchase order", "Preferred date", "Date Booked", "End", "Assigned", "Work Undertaken", "Time Logged", "Completed", "Cancelled because", "Quote", "Equipment", "Invoice number", "Invoicing note", "Created"},
		`select array[j.number, j.name, j.description, coalesce(t.name, ''), j.status, coalesce(s.name, ''), coalesce(j.main_contact, ''), j.purchase_order, coalesce(j.preferred_on::text, ''), ` + takenMoment("j.booked_from") + `, ` + takenMoment("j.booked_until") + `,
			(select coalesce(string_agg(w.name, '; ' order by w.name collate "und-x-icu"), '') from portal.job_staff w where w.job_id = j.id), j.work_undertaken, trim_scale(j.time_logged)::text, ` + takenMoment("j.completed_at") + `, j.cancelled_why, coalesce(j.quote_number, ''),
			(select coalesce(string_agg(e.number, '; ' order by e.number), '') from portal.job_equipment e where e.job_id = j.id), j.invoice_number, j.invoicing_note, ` + takenMoment("j.created_at") + `]
		from portal.jobs j left join portal.sites s on s.id = j.site_id left join portal.job_types t on t.id = j.job_type_id order by j.created_at desc, j.id desc`,
		func(row []string, _ day.Day) { row[4] = job.Status(row[4]).Label() },
	},
	{
		"Job History",
		[]string{"Job", "Status", "When"},
		`select array[j.number, h.status, ` + takenMoment("h.at") + `] from portal.job_statuses h join portal.jobs j on j.id = h.job_id order by j.created_at desc, j.id desc, h.at, h.id`,
		func(row []string, _ day.Day) { row[1] = job.Status(row[1]).Label() },
	},
	{
		"Tasks",
		[]string{"Job", "Subject", "Description", "Due", "Done"},
		`select array[j.number, t.subject, t.description, coalesce(t.due_on::text, ''), ` + takenMoment("t.done_at") + `] from portal.tasks t join portal.jobs j on j.id = t.job_id order by j.created_at desc, j.id desc, t.id`, nil,
	},
	{
		"Time",
		[]string{"Job", "Day", "Hours"},
		`select array[j.number, e.worked_on::text, trim_scale(sum(e.hours))::text] from portal.time_entries e join portal.jobs j on j.id = e.job_id group by j.created_at, j.id, j.number, e.worked_on order by j.created_at desc, j.id desc, e.worked_on`, nil,
	},
	{
		"Equipment",
		[]string{"Number", "Name", "Type", "Site", "Location", "Make", "Model", "Serial number", "Installed", "Commissioned", "Warranty until", "Last service", "Next service due", "Retired"},
		`select array[e.number, e.name, e.type, coalesce(s.name, ''), e.location, e.make, e.model, e.serial_number, coalesce(e.installed_on::text, ''), coalesce(e.commissioned_on::text, ''), coalesce(e.warranty_until::text, ''),
			coalesce(e.last_service_on::text, ''), coalesce(e.next_service_on::text, ''), case when e.status = 'retired' then 'Yes' else 'No' end]
		from portal.equipment e left join portal.sites s on s.id = e.site_id order by e.name collate "und-x-icu", e.id`, nil,
	},
	{
		"Messages",
		[]string{"Job", "Quote", "When", "From", "Message"},
		`select array[coalesce(j.number, ''), coalesce(q.number, ''), ` + takenMoment("m.at") + `, coalesce(m.author, ''), m.text]
		from portal.messages m left join portal.jobs j on j.id = m.job_id left join portal.quotes q on q.id = m.quote_id order by m.at, m.id`, nil,
	},
	{
		"Documents",
		[]string{"Name", "Kind", "Valid until", "Site", "Equipment", "Job", "Uploaded"},
		`select array[d.name, coalesce(k.name, ''), coalesce(d.valid_until::text, ''), coalesce(s.name, ''), coalesce(e.number, ''), coalesce(j.number, ''), ` + takenMoment("d.uploaded_at") + `]
		from portal.documents d left join portal.document_kinds k on k.id = d.kind_id left join portal.sites s on s.id = d.site_id left join portal.equipment e on e.id = d.equipment_id left join portal.jobs j on j.id = d.job_id
		order by d.name collate "und-x-icu", d.id`, nil,
	},
}

func queryTaken(b *postgres.Batch, t *Taken, v Viewer) {
	t.Tables = make([]TakenTable, len(takenTables))
	for i, table := range takenTables {
		t.Tables[i] = TakenTable{Name: table.name, Head: table.head}
		b.Add(table.sql+fmt.Sprintf(` limit %d`, MaxTakenRows+1), nil, func(rows pgx.Rows) (err error) {
			t.Tables[i].Rows, err = pgx.CollectRows(rows, pgx.RowTo[[]string])
			if table.fix != nil {
				for _, row := range t.Tables[i].Rows {
					table.fix(row, v.Business.Format.Today())
				}
			}
			t.Tables[i].moments(v.Business.Format)
			return err
		})
	}
	postgres.Query(b, &t.Files, fmt.Sprintf(`
		select `+fileColumns+`, coalesce(j.number, q.number, e.number, 'Company') as folder
		from portal.attachments a left join portal.messages m on m.id = a.message_id left join portal.jobs j on j.id = coalesce(a.job_id, m.job_id)
			left join portal.quotes q on q.id = coalesce(a.quote_id, m.quote_id) left join portal.equipment e on e.id = a.equipment_id
		union all
		select d.id, d.public_id, null, null, null, null, d.name, 'document', d.media_type, d.size, d.caption, null, d.uploaded_at, '', null, 0, 0, 'ready', d.blob_key, '', '', false, 'Documents'
		from portal.documents d where not exists (select from portal.attachments v where v.id = d.id)
		order by uploaded_at desc, id desc limit %d`, MaxTakenFiles+1), nil)
}

// limit leaves out what is too much at once, and says so.
func (t *Taken) limit() {
	for i, table := range t.Tables {
		if len(table.Rows) > MaxTakenRows {
			t.Tables[i].Rows = table.Rows[:MaxTakenRows]
			t.Absent = append(t.Absent, fmt.Sprintf("%s: the first %d rows are in it, and there are more. Ask us for all of them.", table.Name, MaxTakenRows))
		}
	}
	size := int64(0)
	for i, f := range t.Files {
		if size += f.Size; i >= MaxTakenFiles || size > MaxTakenBytes {
			t.Files = t.Files[:i]
			t.Absent = append(t.Absent, "The newest files are in it, and there are more. Older ones can be downloaded on the page of their job or quote.")
			return
		}
	}
}
