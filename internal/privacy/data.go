package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
)

// sections are what is stored about a contact, in the order of the file. Rows
// are objects whose names a reader understands; secrets are left
// out.
var sections = []struct{ name, rows string }{
	{"contact", `select c.name, c.email, c.phone, c.mobile, c.role, c.notes, c.access, c.invited_at, c.last_sign_in_at, c.created_at, c.archived_at, cu.name as customer, cu.number as customer_number
		from contacts c join customers cu on cu.id = c.customer_id where c.id = @contact`},
	{"permissions", `select jobs_see, jobs_edit, jobs_create, quotes_see, quotes_edit, quotes_create, quotes_accept, equipment_see, equipment_edit, equipment_add, company_edit, contacts_manage, all_sites,
		array(select s.name from contact_sites cs join sites s on s.id = cs.site_id where cs.contact_id = c.id order by s.name) as sites from contacts c where id = @contact`},
	{"sign_in", `select email, last_sign_in_at, created_at, must_change_password from persons where id = @person`},
	{"also_contact_of", `select cu.name as customer, cu.number as customer_number, c.name, c.email, c.access from contacts c join customers cu on cu.id = c.customer_id where c.person_id = @person and c.id <> @contact order by c.id`},
	{"sessions", `select created_at, seen_at, expires_at, address, browser, company_visit_id is not null as by_company from sessions where person_id = @person or contact_id = @contact and company_visit_id is not null order by id`},
	{"company_accounts", `select issuer, subject, created_at, last_used_at, gone_at from contact_identities where contact_id = @contact order by id`},
	{"devices", `select first_seen_at, seen_at, address, browser from devices where person_id = @person order by id`},
	{"notification_devices", `select browser, created_at, seen_at, used_at, split_part(endpoint, '/', 3) as service from push_devices where person_id = @person and ended_at is null order by id`},
	{"calendar_address", `select created_at, read_at from calendar_feeds where contact_id = @contact and person_id = @person`},
	{"passkeys", `select name, created_at, last_used_at, backed_up from passkeys where person_id = @person order by id`},
	{"passkey_offer", `select answered_at from passkey_offers where person_id = @person`},
	{"sign_ins", `select at, last_at, kind, outcome, reason, times, address, browser, email from attempts
		where side = 'portal' and email <> '' and (lower(email) = lower(@sign_in)
			or lower(email) = lower(@email) and not exists (select from persons where lower(email) = lower(@email) and id <> @person)) order by id`},
	{"links", `select purpose, email, created_at, used_at, ended_at from links where contact_id = @contact or person_id = @person order by id`},
	{"record_links", `select l.address, j.number as job, q.number as quote, l.created_at, l.expires_at, l.opened_at, l.ended_at from record_links l left join jobs j on j.id = l.job_id left join quotes q on q.id = l.quote_id
		where l.contact_id = @contact order by l.id`},
	{"link_sessions", `select s.created_at, s.expires_at, s.proved_at, s.address, s.browser from link_sessions s join record_links l on l.id = s.link_id where l.contact_id = @contact order by s.id`},
	{"link_browsers", `select at, address from link_browsers where contact_id = @contact order by at`},
	{"visits", `select seen_at as last, before_at as before from visits where contact_id = @contact`},
	{"emails", `select e.created_at, e.finished_at, e.to_name, e.to_address, e.subject, e.state, e.server_words, k.text from emails e left join email_copies k on k.email_id = e.id
		where e.contact_id = @contact or e.person_id = @person order by e.id`},
	{"emails_received", `select at, from_name, from_address, subject, text, quoted, files, state from inbound_emails
		where contact_id = @contact or (from_address <> '' and lower(from_address) in (select lower(email) from contacts where id = @contact and email <> '')) order by id`},
	{"email_choices", `select kind, wanted from mail_choices where contact_id = @contact order by kind`},
	{"notification_choices", `select kind, wanted from push_choices where contact_id = @contact order by kind`},
	{"notifications", `select p.created_at, p.finished_at, p.kind, p.state, j.number as job, q.number as quote from pushes p left join jobs j on j.id = p.job_id left join quotes q on q.id = p.quote_id
		where p.contact_id = @contact order by p.id`},
	{"jobs", `select number, name, description, status, created_at, created_by_contact_id = @contact as asked_for, main_contact_id = @contact as main_contact from jobs where created_by_contact_id = @contact or main_contact_id = @contact order by id`},
	{"quotes", `select number, name, description, status, created_at, created_by_contact_id = @contact as asked_for, main_contact_id = @contact as main_contact from quotes where created_by_contact_id = @contact or main_contact_id = @contact order by id`},
	{"acceptances", `select q.number as quote, v.number as version, a.decision, a.full_name, a.purchase_order, a.reason, a.at, a.address, a.browser, a.by_link, a.signature_key <> '' as signed
		from acceptances a join quote_versions v on v.id = a.version_id join quotes q on q.id = v.quote_id where a.contact_id = @contact order by a.id`},
	{"equipment", `select number, name, type, created_at from equipment where created_by_contact_id = @contact order by id`},
	{"messages", `select m.at, m.text, j.number as job, q.number as quote from messages m left join jobs j on j.id = m.job_id left join quotes q on q.id = m.quote_id where m.contact_id = @contact order by m.id`},
	{"visit_answers", `select j.number as job, a.suits, a.wishes, a.reason, a.at from visit_answers a join jobs j on j.id = a.job_id where a.contact_id = @contact order by a.job_id`},
	{"files", `select name, media_type, size, caption, taken_at, uploaded_at, removed_at from attachments where uploaded_by_contact_id = @contact order by id`},
	{"events", `select at, kind, thing, before, after from events where contact_id = @contact or (thing = 'contact' and thing_id = @contact) order by id`},
	{"requests", `select r.at, r.kind, r.what, r.thing, r.label as sent_to, r.changes, r.state, r.answer, r.answered_at from keeper_requests r
		where r.contact_id = @contact or r.kind = 'contacts' and r.row_id = @contact order by r.id`},
	{"invitations_sent", `select sent_at from contact_invitations where by_contact_id = @contact order by id`},
}

// Data is everything that is stored about a contact and the person who signs in
// as it, as a JSON file: for whoever asks what there is.
func Data(ctx context.Context, db postgres.DB, c contact.Contact) ([]byte, error) {
	args := pgx.NamedArgs{"contact": c.ID, "person": c.PersonID, "sign_in": c.SignInEmail, "email": c.Email}
	found := make([]json.RawMessage, len(sections)+1)
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		for i, s := range sections {
			postgres.QueryValue(b, &found[i], `select coalesce(jsonb_agg(to_jsonb(r)), '[]') from (`+s.rows+`) r`, args)
		}
		audit.QueryOf(b, &found[len(sections)], c.ID, c.PersonID)
	})
	if err != nil {
		return nil, fmt.Errorf("collect the data of contact %d: %w", c.ID, err)
	}
	var all, file bytes.Buffer
	for i, rows := range found {
		name := "activity"
		if i < len(sections) {
			name = sections[i].name
		}
		fmt.Fprintf(&all, "%c%q:%s", "{,"[min(i, 1)], name, rows)
	}
	all.WriteByte('}')
	if err := json.Indent(&file, all.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("write the data of contact %d: %w", c.ID, err)
	}
	return file.Bytes(), nil
}
