package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
)

// row is a row of a table by its columns. As in the structs it comes from, 0 in
// a column of an id is nobody and a zero day is none; they become null.
type row map[string]any

type table struct {
	name string
	rows []row
}

// tableOf is a table that has a row for each of from.
func tableOf[T any](name string, from []T, as func(id int64, of T) row) *table {
	t := &table{name: name}
	for i, of := range from {
		t.rows = append(t.rows, as(int64(i+1), of))
	}
	return t
}

// add adds a row with the next id.
func (t *table) add(r row) int64 {
	id := int64(len(t.rows) + 1)
	r["id"] = id
	t.rows = append(t.rows, r)
	return id
}

func (t *table) copy(ctx context.Context, tx postgres.Tx) error {
	if len(t.rows) == 0 {
		return nil
	}
	columns := slices.Sorted(maps.Keys(t.rows[0]))
	_, err := tx.CopyFrom(ctx, pgx.Identifier{t.name}, columns, pgx.CopyFromSlice(len(t.rows), func(i int) ([]any, error) {
		values := make([]any, len(columns))
		for k, column := range columns {
			value, ok := t.rows[i][column]
			if !ok || len(t.rows[i]) != len(columns) {
				return nil, fmt.Errorf("row %d has other columns than the first", i+1)
			}
			if id, ok := value.(int64); ok && id == 0 && strings.HasSuffix(column, "_id") {
				value = nil
			}
			if d, ok := value.(day.Day); ok {
				value = nil
				if !d.IsZero() {
					value = d.Time(time.UTC)
				}
			}
			values[k] = value
		}
		return values, nil
	}))
	if _, ok := t.rows[0]["id"]; err == nil && ok {
		// The next row made by the program follows the last one of ours.
		_, err = tx.Exec(ctx, "select setval(pg_get_serial_sequence($1, 'id'), $2)", t.name, len(t.rows))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}

func numeric(n int64, exponent int32) pgtype.Numeric {
	return pgtype.Numeric{Int: big.NewInt(n), Exp: exponent, Valid: true}
}

func timeOfDay(minutes int) pgtype.Time {
	return pgtype.Time{Microseconds: int64(minutes) * 60_000_000, Valid: true}
}

// madeBy adds to r who made it: a contact in the portal, else somebody in the office.
func madeBy(contact, staff int64, r row) row {
	if r["origin"] = "office"; contact != 0 {
		r["origin"], staff = "portal", 0
	}
	r["created_by_contact_id"], r["created_by_staff_id"] = contact, staff
	return r
}

// insert puts everything into the database, in the order of the references.
func (b *business) insert(ctx context.Context, tx postgres.Tx, hash string, brand brand) error {
	if err := b.updateSettings(ctx, tx, brand); err != nil {
		return err
	}
	for _, t := range slices.Concat(b.staffTables(hash), b.customerTables(hash), b.quoteTables(), b.jobTables(), b.otherTables(), b.newsTables()) {
		if err := t.copy(ctx, tx); err != nil {
			return err
		}
	}
	if err := b.setQuoteStatuses(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `select setval('customer_numbers', $1), setval('quote_numbers', $2), setval('job_numbers', $3)`,
		1000+len(b.customers), 1000+len(b.quotes), 1000+len(b.jobs))
	return err
}

// setQuoteStatuses gives quotes their status. Only now are the versions there
// that the search of a sent quote reads.
func (b *business) setQuoteStatuses(ctx context.Context, tx postgres.Tx) error {
	var ids, sent []int64
	var statuses []string
	for _, q := range b.quotes {
		ids, statuses, sent = append(ids, q.id), append(statuses, q.status), append(sent, int64(q.sent))
	}
	_, err := tx.Exec(ctx, `
		update quotes q set status = s.status, sent_version = nullif(s.sent, 0)
		from unnest(@ids::bigint[], @statuses::text[], @sent::integer[]) as s (id, status, sent)
		where q.id = s.id`,
		pgx.NamedArgs{"ids": ids, "statuses": statuses, "sent": sent})
	return err
}

func (b *business) updateSettings(ctx context.Context, tx postgres.Tx, brand brand) error {
	address, err := json.Marshal(workshop)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update company set trading_name = @name, legal_name = @legal, registration_label = 'ABN', registration_number = @abn, phone = @phone, email = @email, website = @website,
		    address = @address, brand_colour = @colour, time_zone = @zone, currency = 'AUD', locale = 'en-AU', terms = @terms, welcome_text = @welcome,
		    logo_key = @logo, logo_type = 'image/png', logo_width = @width, logo_height = @height, banner_key = @banner, banner_type = 'image/jpeg', first_steps_done_at = @now, version = version + 1, updated_at = @now`,
		pgx.NamedArgs{
			"name": tradingName, "legal": legalName, "abn": abn, "phone": phone, "email": mailbox, "website": website, "address": address, "colour": brandColour, "zone": zoneName,
			"terms": b.terms, "welcome": b.welcome, "logo": brand.logo, "width": brand.width, "height": brand.height, "banner": brand.banner, "now": b.now,
		})
	if err != nil {
		return fmt.Errorf("company: %w", err)
	}
	if _, err := tx.Exec(ctx, `update tax_rates set standard = false; insert into tax_rates (name, percent, standard) values ('GST', 10, true)`, pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("tax rates: %w", err)
	}
	_, err = tx.Exec(ctx, `
		update portal_settings set contact_notifications = @office, job_notifications = @jobs, quote_notifications = @quotes, equipment_notifications = @service,
		    details_notifications = @office, message_notifications = @office, version = version + 1, updated_at = @now`,
		pgx.NamedArgs{"office": []string{mailbox}, "jobs": []string{mailbox, "dispatch@demo.test"}, "quotes": []string{mailbox, "projects@demo.test"}, "service": []string{"service@demo.test"}, "now": b.now})
	if err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	_, err = tx.Exec(ctx, "update installation set demo = true")
	return err
}

func (b *business) staffTables(hash string) []*table {
	start := b.at(b.days[0], 9*60)
	return []*table{
		tableOf("staff", b.staff, func(id int64, m member) row {
			r := row{"id": id, "name": m.Name, "email": m.Email, "phone": m.Phone, "role": m.Role, "state": m.State, "password_hash": "", "invited_at": nil, "last_sign_in_at": nil, "created_at": start}
			if m.SignedInHoursAgo > 0 {
				r["password_hash"], r["last_sign_in_at"] = hash, b.now.Add(-time.Duration(m.SignedInHoursAgo)*time.Hour)
			}
			if m.State == "invited" {
				r["invited_at"], r["created_at"] = b.now.Add(-26*time.Hour), b.now.Add(-26*time.Hour)
			}
			return r
		}),
		tableOf("job_types", b.jobTypes, func(id int64, t jobType) row {
			return row{"id": id, "name": t.Name, "colour": t.Colour, "active": !t.Inactive, "default_description": t.Description, "notification_addresses": t.Notified, "created_at": start}
		}),
	}
}

func (b *business) customerTables(hash string) []*table {
	customers := tableOf("customers", b.customers, func(id int64, c *customer) row {
		return row{
			"id": id, "number": c.number, "name": c.Name, "company_name": c.Company, "phone": c.phone, "mobile": c.mobile, "email": c.email, "street": c.street, "postal": c.postal,
			"payment_terms": c.terms, "invoice_delivery": c.delivery, "invoice_address": c.invoiceTo, "purchase_order_required": c.needsOrder, "customer_type": c.Label, "on_hold": c.onHold,
			"account_manager_id": c.manager, "price_level": c.level, "notes": c.notes, "created_at": c.created,
		}
	})
	sites := tableOf("sites", b.sites, func(id int64, s *site) row {
		return row{"id": id, "customer_id": s.customer, "name": s.name, "address": s.address, "site_contact": s.contact, "access_instructions": s.access, "created_at": b.customers[s.customer-1].created}
	})
	persons := tableOf("persons", b.persons, func(id int64, p person) row {
		return row{"id": id, "email": p.email, "password_hash": hash, "last_sign_in_at": p.signedIn, "created_at": p.signedIn.Add(-100 * time.Hour)}
	})
	visits, selected, links, tokens := &table{name: "visits"}, &table{name: "contact_sites"}, &table{name: "links"}, &table{name: "link_tokens"}
	// The invitations of those who have not come yet; the mails are long gone,
	// so nobody knows the tokens any more.
	invite := func(purpose string, contact, staff int64, email string, at time.Time) {
		id := links.add(row{"purpose": purpose, "contact_id": contact, "staff_id": staff, "email": email, "created_at": at})
		_, token := secret.NewToken()
		tokens.rows = append(tokens.rows, row{"token_hash": token, "link_id": id, "expires_at": at.Add(7 * 24 * time.Hour), "created_at": at})
	}
	contacts := tableOf("contacts", b.contacts, func(id int64, k *contact) row {
		created := b.customers[k.customer-1].created
		if k.invited != nil && k.invited.Before(created) {
			created = *k.invited
		}
		if k.signedIn != nil {
			visits.rows = append(visits.rows, row{"contact_id": id, "seen_at": *k.signedIn, "before_at": k.signedIn.Add(-6 * 24 * time.Hour)})
		}
		for _, s := range k.sites {
			selected.rows = append(selected.rows, row{"customer_id": k.customer, "contact_id": id, "site_id": s})
		}
		if k.access == "invited" {
			invite("invitation", id, 0, k.email, *k.invited)
		}
		return with(k.rights, row{
			"id": id, "customer_id": k.customer, "person_id": k.person, "name": k.name, "email": k.email, "phone": k.phone, "mobile": k.mobile, "role": k.role, "is_default": k.first, "notes": k.notes,
			"access": k.access, "invited_at": k.invited, "last_sign_in_at": k.signedIn, "all_sites": len(k.sites) == 0, "created_at": created,
		})
	})
	for i, m := range b.staff {
		if m.State == "invited" {
			invite("staff-invitation", 0, int64(i+1), m.Email, b.now.Add(-26*time.Hour))
		}
	}
	return []*table{customers, sites, persons, contacts, visits, selected, links, tokens}
}

func (b *business) quoteTables() []*table {
	assigned, versions, lines, decisions := &table{name: "quote_staff"}, &table{name: "quote_versions"}, &table{name: "quote_lines"}, &table{name: "acceptances"}
	quotes := tableOf("quotes", b.quotes, func(id int64, q *quote) row {
		r := madeBy(q.portalBy, q.staff, row{
			"id": id, "customer_id": q.customer, "number": q.number, "name": q.name, "description": q.description, "price_estimate": q.estimate, "currency": "AUD", "status": "draft", "site_id": q.site,
			"main_contact_id": q.contact, "job_type_id": b.jobTypeID(q.jobType), "preferred_on": q.preferred, "valid_until": q.validUntil, "purchase_order": q.order,
			"inclusions": q.inclusions, "exclusions": q.exclusions, "terms": "",
			"internal_notes": q.notes, "looked_at": q.looked, "looked_by_id": lookedBy(q.looked), "created_at": q.created, "updated_at": q.updated,
		})
		if q.status != "requested" {
			assigned.rows = append(assigned.rows, row{"quote_id": id, "staff_id": q.assigned})
		}
		for _, v := range q.versions {
			r["terms"] = b.terms
			sent := row{
				"customer_id": q.customer, "quote_id": id, "number": v.number, "net": v.net, "tax": v.tax, "total": v.total, "name": "", "description": "", "inclusions": "", "exclusions": "", "terms": "",
				"valid_until": v.validUntil, "sent_at": v.sentAt, "sent_by_id": v.sentBy, "created_at": v.created,
			}
			if v.sentAt != nil {
				sent["name"], sent["description"], sent["inclusions"], sent["exclusions"], sent["terms"] = q.name, q.description, q.inclusions, q.exclusions, b.terms
			}
			version := versions.add(sent)
			for i, l := range v.lines {
				lines.add(row{
					"customer_id": q.customer, "version_id": version, "position": i + 1, "section": l.section, "description": l.text, "quantity": numeric(l.milli, -3), "unit_price": l.price,
					"tax_name": l.tax, "tax_percent": numeric(l.percent, 0), "line_total": l.total,
				})
			}
			if d := v.decision; d != nil {
				decided := row{
					"customer_id": q.customer, "version_id": version, "contact_id": d.contact, "decision": d.what, "full_name": d.name, "purchase_order": d.order, "reason": d.reason, "terms": b.terms,
					"at": d.at, "address": d.address, "browser": d.device, "way": "portal", "recorded_by_id": int64(0), "recorded_at": nil,
				}
				if d.recordedBy != 0 {
					decided["address"], decided["way"], decided["recorded_by_id"], decided["recorded_at"] = nil, "phone", d.recordedBy, d.recordedAt
				}
				decisions.add(decided)
			}
		}
		return r
	})
	return []*table{quotes, versions, lines, assigned, decisions}
}

// lookedBy is who looked at a request first.
func lookedBy(looked *time.Time) int64 {
	if looked == nil {
		return 0
	}
	return ben
}

func (b *business) jobTables() []*table {
	equipped := tableOf("equipment", b.equipment, func(id int64, e *equipment) row {
		r := madeBy(e.portalBy, ben, row{
			"id": id, "customer_id": e.customer, "number": e.number, "name": e.name, "type": e.kind, "site_id": e.site, "location": e.location, "make": e.model.Make, "model": e.model.Code,
			"serial_number": e.serial, "installed_on": e.installed, "commissioned_on": e.commissioned, "warranty_until": e.warranty, "last_service_on": e.last, "next_service_on": e.next,
			"status": "in use", "notes": e.notes, "created_at": e.created,
		})
		if e.retired {
			r["status"] = "retired"
		}
		return r
	})
	assigned, statuses, tasks, times, serviced := &table{name: "job_staff"}, &table{name: "job_statuses"}, &table{name: "tasks"}, &table{name: "time_entries"}, &table{name: "job_equipment"}
	jobs := tableOf("jobs", b.jobs, func(id int64, j *job) row {
		var quoted int64
		if j.quote != nil {
			quoted = j.quote.id
		}
		for _, who := range j.assigned {
			assigned.rows = append(assigned.rows, row{"job_id": id, "staff_id": who})
		}
		for _, s := range j.steps {
			statuses.add(row{"customer_id": j.customer, "job_id": id, "status": s.status, "at": s.at, "staff_id": s.staff, "contact_id": s.contact})
		}
		for _, t := range j.tasks {
			tasks.add(row{"customer_id": j.customer, "job_id": id, "subject": t.subject, "due_on": t.due, "done_at": t.done, "assignee_id": t.assignee, "created_at": j.created})
		}
		for _, e := range j.hours {
			ended := e.started + 15*e.quarters
			times.add(row{
				"customer_id": j.customer, "job_id": id, "worked_on": e.on, "hours": numeric(int64(e.quarters)*25, -2), "staff_id": e.staff, "started": timeOfDay(e.started), "ended": timeOfDay(ended),
				"note": e.note, "created_at": b.at(e.on, ended),
			})
		}
		for _, e := range j.equipment {
			serviced.rows = append(serviced.rows, row{"customer_id": j.customer, "job_id": id, "equipment_id": e.id})
		}
		return madeBy(j.portalBy, j.staff, row{
			"id": id, "customer_id": j.customer, "number": j.number, "name": j.name, "description": j.description, "job_type_id": b.jobTypeID(j.jobType), "status": j.status, "site_id": j.site,
			"main_contact_id": j.contact, "purchase_order": j.order, "preferred_on": j.preferred, "booked_from": j.from, "booked_until": j.until, "work_undertaken": j.work, "completed_at": j.completed,
			"invoice_number": j.invoice, "invoicing_note": j.invoicing, "cancelled_why": j.why, "follows_job_id": j.follows, "quote_id": quoted,
			"priority": j.priority, "internal_notes": j.notes, "looked_at": j.looked, "looked_by_id": lookedBy(j.looked), "created_at": j.created, "updated_at": j.updated,
		})
	})
	return []*table{equipped, jobs, assigned, statuses, tasks, times, serviced}
}

func (b *business) otherTables() []*table {
	reads := &table{name: "message_reads"}
	messages := tableOf("messages", b.messages, func(id int64, m message) row {
		switch {
		case !m.read:
		case m.contact != 0:
			reads.rows = append(reads.rows, row{"message_id": id, "staff_id": ben, "contact_id": nil, "at": m.at.Add(5 * time.Minute)})
		case !m.staffOnly:
			reads.rows = append(reads.rows, row{"message_id": id, "staff_id": nil, "contact_id": b.jobs[m.job-1].contact, "at": m.at.Add(5 * time.Minute)})
		}
		return row{"id": id, "customer_id": m.customer, "job_id": m.job, "quote_id": m.quote, "staff_only": m.staffOnly, "text": m.text, "staff_id": m.staff, "contact_id": m.contact, "at": m.at}
	})
	files := tableOf("attachments", b.files, func(id int64, f *file) row {
		r := row{
			"id": id, "customer_id": f.customer, "job_id": f.job, "quote_id": f.quote, "equipment_id": f.equipment, "name": f.name, "kind": "document", "media_type": f.media, "size": f.size,
			"caption": f.caption, "taken_at": f.taken, "blob_key": f.key, "web_key": f.web, "thumb_key": f.thumb, "width": nil, "height": nil, "state": "ready",
			"document_kind_id": f.documentKind, "at_site_id": f.site, "at_equipment_id": f.at, "valid_until": f.until,
			"customer_view": f.shared, "shared_at": nil, "shared_by_id": nil, "uploaded_at": f.uploaded, "uploaded_by_staff_id": f.staff, "uploaded_by_contact_id": f.contact,
		}
		if f.shot != nil {
			r["kind"], r["width"], r["height"] = "photo", f.width, f.height
		}
		if f.shared && f.staff != 0 {
			r["shared_at"], r["shared_by_id"] = b.soon(source(uint64(f.id)), f.uploaded, 5, 600), f.staff
		}
		return r
	})
	return append([]*table{messages, reads, files}, b.activityTables()...)
}
