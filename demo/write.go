package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"fieldgate/internal/auth"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
)

// table collects rows for one COPY.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

func (t *table) add(values ...any) { t.rows = append(t.rows, values) }

// none is null for the id of nobody.
func none(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// date is null for no day.
func date(d day.Day) any {
	if d.IsZero() {
		return nil
	}
	return d.Time(time.UTC)
}

func numeric(n int64, exponent int32) pgtype.Numeric {
	return pgtype.Numeric{Int: big.NewInt(n), Exp: exponent, Valid: true}
}

func clock(minutes int) pgtype.Time {
	return pgtype.Time{Microseconds: int64(minutes) * 60_000_000, Valid: true}
}

// write writes everything, in the order of the references.
func (w *world) write(ctx context.Context, tx postgres.Tx, hash string, brand look) error {
	if err := w.writeBusiness(ctx, tx, brand); err != nil {
		return err
	}
	for _, t := range w.tables(hash) {
		if len(t.rows) == 0 {
			continue
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		if t.columns[0] != "id" {
			continue
		}
		// The next row made by the program follows the last one of ours.
		if _, err := tx.Exec(ctx, "select setval(pg_get_serial_sequence($1, 'id'), $2)", t.name, t.rows[len(t.rows)-1][0]); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	if err := w.sendQuotes(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `select setval('customer_numbers', $1), setval('quote_numbers', $2), setval('job_numbers', $3)`,
		1000+len(w.customers), 1000+len(w.quotes), 1000+len(w.jobs))
	return err
}

// sendQuotes gives quotes their status. Only now are the versions there that
// the search of a sent quote reads.
func (w *world) sendQuotes(ctx context.Context, tx postgres.Tx) error {
	var ids []int64
	var statuses []string
	var sent []*int
	for _, q := range w.quotes {
		ids, statuses = append(ids, q.id), append(statuses, q.status)
		version := &q.sent
		if q.sent == 0 {
			version = nil
		}
		sent = append(sent, version)
	}
	_, err := tx.Exec(ctx, `
		update quotes q set status = s.status, sent_version = s.sent
		from unnest(@ids::bigint[], @statuses::text[], @sent::integer[]) as s (id, status, sent)
		where q.id = s.id`,
		pgx.NamedArgs{"ids": ids, "statuses": statuses, "sent": sent})
	if err != nil {
		return fmt.Errorf("quotes: %w", err)
	}
	return nil
}

func (w *world) writeBusiness(ctx context.Context, tx postgres.Tx, brand look) error {
	where, err := json.Marshal(workshop)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update company set trading_name = @name, legal_name = @legal, registration_label = 'ABN', registration_number = @abn, phone = @phone, email = @email, website = @website,
		    address = @address, brand_colour = @colour, time_zone = @zone, currency = 'AUD', locale = 'en-AU', terms = @terms, welcome_text = @welcome,
		    logo_key = @logo, logo_type = 'image/png', logo_width = @width, logo_height = @height, banner_key = @banner, banner_type = 'image/jpeg', version = version + 1, updated_at = @now`,
		pgx.NamedArgs{
			"name": tradingName, "legal": legalName, "abn": abn, "phone": phone, "email": mailbox, "website": website, "address": where, "colour": brandColour, "zone": zoneName,
			"terms": terms, "welcome": welcome, "logo": brand.logo, "width": brand.width, "height": brand.height, "banner": brand.banner, "now": w.now,
		})
	if err != nil {
		return fmt.Errorf("company: %w", err)
	}
	_, err = tx.Exec(ctx, `
		update portal_settings set contact_notifications = @office, job_notifications = @jobs, quote_notifications = @quotes, equipment_notifications = @service,
		    details_notifications = @office, message_notifications = @office, version = version + 1, updated_at = @now`,
		pgx.NamedArgs{"office": []string{mailbox}, "jobs": []string{mailbox, "dispatch@demo.test"}, "quotes": []string{mailbox, "projects@demo.test"}, "service": []string{"service@demo.test"}, "now": w.now})
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	_, err = tx.Exec(ctx, "update installation set demo = true")
	return err
}

// tables are the rows of everything, parents before children.
func (w *world) tables(hash string) []*table {
	var all []*table
	for _, part := range [][]*table{w.staffTables(hash), w.customerTables(hash), w.quoteTables(), w.equipmentTables(), w.jobTables(), w.fileTables(), w.trailTables()} {
		all = append(all, part...)
	}
	return all
}

func (w *world) staffTables(hash string) []*table {
	staff := &table{name: "staff", columns: []string{"id", "name", "email", "phone", "role", "state", "password_hash", "invited_at", "last_sign_in_at", "created_at"}}
	start := w.at(w.days[0], 9*60)
	for _, m := range w.staff {
		password := ""
		if m.signedIn != nil {
			password = hash
		}
		var invited *time.Time
		created := start
		if m.state == "invited" {
			invited = ptr(w.now.Add(-26 * time.Hour))
			created = *invited
		}
		staff.add(m.id, m.name, m.email, m.phone, m.role, m.state, password, invited, m.signedIn, created)
	}
	types := &table{name: "job_types", columns: []string{"id", "name", "colour", "active", "default_description", "notification_addresses", "created_at"}}
	for i, t := range jobTypes {
		told := t.told
		if told == nil {
			told = []string{}
		}
		types.add(int64(i+1), t.name, t.colour, !t.inactive, t.text, told, start)
	}
	return []*table{staff, types}
}

func (w *world) customerTables(hash string) []*table {
	customers := &table{name: "customers", columns: []string{
		"id", "number", "name", "company_name", "phone", "mobile", "email", "street", "postal", "payment_terms", "invoice_delivery", "invoice_address", "purchase_order_required",
		"customer_type", "on_hold", "account_manager_id", "price_level", "notes", "archived_at", "created_at",
	}}
	sites := &table{name: "sites", columns: []string{"id", "customer_id", "name", "address", "site_contact", "access_instructions", "created_at"}}
	persons := &table{name: "persons", columns: []string{"id", "email", "password_hash", "last_sign_in_at", "created_at"}}
	contacts := &table{name: "contacts", columns: []string{
		"id", "customer_id", "person_id", "name", "email", "phone", "mobile", "role", "is_default", "notes", "access", "invited_at", "last_sign_in_at",
		"jobs_see", "jobs_edit", "jobs_create", "quotes_see", "quotes_edit", "quotes_create", "quotes_accept", "equipment_see", "equipment_edit", "equipment_add", "company_edit", "contacts_manage", "all_sites", "created_at",
	}}
	visits := &table{name: "visits", columns: []string{"contact_id", "seen_at", "before_at"}}
	selected := &table{name: "contact_sites", columns: []string{"customer_id", "contact_id", "site_id"}}
	links := &table{name: "links", columns: []string{"id", "purpose", "contact_id", "staff_id", "email", "created_at"}}
	tokens := &table{name: "link_tokens", columns: []string{"token_hash", "link_id", "expires_at", "created_at"}}

	for _, c := range w.customers {
		customers.add(c.id, c.number, c.client.name, c.company, c.phone, c.mobile, c.email, c.street, c.postal, c.terms, c.delivery, c.invoiceTo, c.needsOrder,
			c.label, c.onHold, none(c.manager), c.level, c.notes, c.archived, c.created)
	}
	for _, s := range w.sites {
		sites.add(s.id, s.customer, s.name, s.address, s.contact, s.access, w.customers[s.customer-1].created)
	}
	for _, p := range w.persons {
		persons.add(p.id, p.email, hash, p.signedIn, p.signedIn.Add(-100*time.Hour))
	}
	// The invitations of those who have not come yet; the mails are long gone,
	// so nobody knows the tokens any more.
	invite := func(purpose string, contact, staff int64, mail string, at time.Time) {
		id := int64(len(links.rows) + 1)
		links.add(id, purpose, none(contact), none(staff), mail, at)
		_, token := auth.NewToken()
		tokens.add(token, id, at.Add(7*24*time.Hour), at)
	}
	for _, k := range w.contacts {
		r := k.rights
		created := w.customers[k.customer-1].created
		if k.invited != nil && k.invited.Before(created) {
			created = *k.invited
		}
		contacts.add(k.id, k.customer, none(k.person), k.name, k.email, k.phone, k.mobile, k.role, k.first, k.notes, k.access, k.invited, k.signedIn,
			r.jobs, r.jobsEdit, r.jobsCreate, r.quotes, r.quotesEdit, r.quotesCreate, r.accept, r.equipment, r.equipmentEdit, r.equipmentAdd, r.company, r.manage, len(k.sites) == 0, created)
		if k.signedIn != nil {
			visits.add(k.id, *k.signedIn, k.signedIn.Add(-6*24*time.Hour))
		}
		for _, s := range k.sites {
			selected.add(k.customer, k.id, s)
		}
		if k.access == "invited" {
			invite("invitation", k.id, 0, k.email, *k.invited)
		}
	}
	for _, m := range w.staff {
		if m.state == "invited" {
			invite("staff-invitation", 0, m.id, m.email, w.now.Add(-26*time.Hour))
		}
	}
	return []*table{customers, sites, persons, contacts, visits, selected, links, tokens}
}

func (w *world) quoteTables() []*table {
	quotes := &table{name: "quotes", columns: []string{
		"id", "customer_id", "number", "name", "description", "price_estimate", "currency", "status", "site_id", "main_contact_id", "job_type_id", "preferred_on", "valid_until",
		"purchase_order", "inclusions", "exclusions", "terms", "origin", "created_by_contact_id", "created_by_staff_id", "internal_notes", "looked_at", "looked_by_id", "created_at", "updated_at",
	}}
	assigned := &table{name: "quote_staff", columns: []string{"quote_id", "staff_id"}}
	versions := &table{name: "quote_versions", columns: []string{
		"id", "customer_id", "quote_id", "number", "net", "tax", "total", "name", "description", "inclusions", "exclusions", "terms", "valid_until", "sent_at", "sent_by_id", "created_at",
	}}
	lines := &table{name: "quote_lines", columns: []string{"id", "customer_id", "version_id", "position", "section", "description", "quantity", "unit_price", "tax_name", "tax_percent", "line_total"}}
	decisions := &table{name: "acceptances", columns: []string{"id", "customer_id", "version_id", "contact_id", "decision", "full_name", "purchase_order", "reason", "terms", "at", "address", "browser"}}

	for _, q := range w.quotes {
		origin, by := "office", none(q.staff)
		if q.portalBy != 0 {
			origin, by = "portal", nil
		}
		var conditions string
		if len(q.versions) > 0 {
			conditions = terms
		}
		var looker any
		if q.looked != nil {
			looker = ben
		}
		quotes.add(q.id, q.customer, q.number, q.name, q.description, q.estimate, "AUD", "draft", q.site, q.contact, jobTypeID(q.jobType), date(q.preferred), date(q.validUntil),
			q.order, q.inclusions, q.exclusions, conditions, origin, none(q.portalBy), by, q.notes, q.looked, looker, q.created, q.updated)
		if q.status != "requested" {
			assigned.add(q.id, q.assigned)
		}
		for _, v := range q.versions {
			id := int64(len(versions.rows) + 1)
			var sender any
			words := [5]string{}
			if v.sentAt != nil {
				sender = v.sentBy
				words = [5]string{q.name, q.description, q.inclusions, q.exclusions, terms}
			}
			versions.add(id, q.customer, q.id, v.number, v.net, v.tax, v.total, words[0], words[1], words[2], words[3], words[4], date(v.validUntil), v.sentAt, sender, v.created)
			for i, l := range v.lines {
				lines.add(int64(len(lines.rows)+1), q.customer, id, i+1, l.section, l.text, numeric(l.milli, -3), l.price, l.tax, numeric(l.percent, 0), l.total)
			}
			if d := v.decision; d != nil {
				decisions.add(int64(len(decisions.rows)+1), q.customer, id, d.contact, d.what, d.name, d.order, d.reason, terms, d.at, d.address, d.device)
			}
		}
	}
	return []*table{quotes, versions, lines, assigned, decisions}
}

func (w *world) equipmentTables() []*table {
	equipment := &table{name: "equipment", columns: []string{
		"id", "customer_id", "number", "name", "type", "site_id", "location", "make", "model", "serial_number", "installed_on", "commissioned_on", "warranty_until", "last_service_on", "next_service_on",
		"status", "origin", "created_by_contact_id", "created_by_staff_id", "notes", "created_at",
	}}
	for _, e := range w.equipment {
		status, origin, by := "in use", "office", any(ben)
		if e.retired {
			status = "retired"
		}
		if e.portalBy != 0 {
			origin, by = "portal", nil
		}
		equipment.add(e.id, e.customer, e.number, e.name, e.kind, e.site, e.location, e.model.make, e.model.code, e.serial, date(e.installed), date(e.commissioned), date(e.warranty), date(e.last), date(e.next),
			status, origin, none(e.portalBy), by, e.notes, e.created)
	}
	return []*table{equipment}
}

func (w *world) jobTables() []*table {
	jobs := &table{name: "jobs", columns: []string{
		"id", "customer_id", "number", "name", "description", "job_type_id", "status", "site_id", "main_contact_id", "purchase_order", "preferred_on", "booked_from", "booked_until", "work_undertaken",
		"completed_at", "invoice_number", "invoicing_note", "origin", "created_by_contact_id", "created_by_staff_id", "quote_id", "priority", "internal_notes", "looked_at", "looked_by_id", "created_at", "updated_at",
	}}
	assigned := &table{name: "job_staff", columns: []string{"job_id", "staff_id"}}
	steps := &table{name: "job_statuses", columns: []string{"id", "customer_id", "job_id", "status", "at", "staff_id", "contact_id"}}
	tasks := &table{name: "tasks", columns: []string{"id", "customer_id", "job_id", "subject", "due_on", "done_at", "assignee_id", "created_at"}}
	hours := &table{name: "time_entries", columns: []string{"id", "customer_id", "job_id", "worked_on", "hours", "staff_id", "started", "ended", "note", "created_at"}}
	pieces := &table{name: "job_equipment", columns: []string{"customer_id", "job_id", "equipment_id"}}
	messages := &table{name: "messages", columns: []string{"id", "customer_id", "job_id", "quote_id", "staff_only", "text", "staff_id", "contact_id", "at"}}
	reads := &table{name: "message_reads", columns: []string{"message_id", "staff_id", "contact_id", "at"}}

	for _, j := range w.jobs {
		origin, by := "office", none(j.staff)
		if j.portalBy != 0 {
			origin, by = "portal", nil
		}
		var looker, quoted any
		if j.looked != nil {
			looker = ben
		}
		if j.quote != nil {
			quoted = j.quote.id
		}
		jobs.add(j.id, j.customer, j.number, j.name, j.description, jobTypeID(j.jobType), j.status, j.site, j.contact, j.order, date(j.preferred), j.from, j.until, j.work,
			j.completed, j.invoice, j.invoicing, origin, none(j.portalBy), by, quoted, j.priority, j.notes, j.looked, looker, j.created, j.updated)
		for _, who := range j.assigned {
			assigned.add(j.id, who)
		}
		for _, s := range j.steps {
			steps.add(int64(len(steps.rows)+1), j.customer, j.id, s.status, s.at, none(s.staff), none(s.contact))
		}
		for _, t := range j.tasks {
			tasks.add(int64(len(tasks.rows)+1), j.customer, j.id, t.subject, date(t.due), t.done, none(t.assignee), j.created)
		}
		for _, e := range j.hours {
			hours.add(int64(len(hours.rows)+1), j.customer, j.id, date(e.on), numeric(int64(e.quarters)*25, -2), e.staff, clock(e.started), clock(e.started+15*e.quarters), e.note, w.at(e.on, e.started+15*e.quarters))
		}
		for _, e := range j.pieces {
			pieces.add(j.customer, j.id, e.id)
		}
	}
	for _, m := range w.messages {
		messages.add(m.id, m.customer, none(m.job), none(m.quote), m.staffOnly, m.text, none(m.staff), none(m.contact), m.at)
		switch {
		case !m.read:
		case m.contact != 0:
			reads.add(m.id, ben, nil, m.at.Add(5*time.Minute))
		case !m.staffOnly:
			reads.add(m.id, nil, w.jobs[m.job-1].contact, m.at.Add(5*time.Minute))
		}
	}
	return []*table{jobs, assigned, steps, tasks, hours, pieces, messages, reads}
}

func (w *world) fileTables() []*table {
	files := &table{name: "attachments", columns: []string{
		"id", "customer_id", "job_id", "quote_id", "equipment_id", "name", "kind", "media_type", "size", "caption", "taken_at", "blob_key", "web_key", "thumb_key", "width", "height", "state",
		"customer_view", "shared_at", "shared_by_id", "uploaded_at", "uploaded_by_staff_id", "uploaded_by_contact_id",
	}}
	for _, f := range w.files {
		var width, height any
		if f.shot != nil {
			width, height = f.width, f.height
		}
		var sharedAt any
		if f.sharedBy != 0 {
			sharedAt = w.soon(source(uint64(f.id)), f.uploaded, 5, 600)
		}
		files.add(f.id, f.customer, none(f.job), none(f.quote), none(f.equipment), f.name, f.kind, f.media, f.size, f.caption, f.taken, f.key, f.web, f.thumb, width, height, "ready",
			f.shared, sharedAt, none(f.sharedBy), f.uploaded, none(f.staff), none(f.contact))
	}
	return []*table{files}
}
