package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/postgres"
)

// What is said before a deed is what the deed does: for every reason that there
// is, who would be told is compared with the mails that are written and sent.
func TestWhoWouldBeToldIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	s.exec(t, `
		delete from acceptances;
		insert into attachments (customer_id, job_id, quote_id, equipment_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id)
			values (1, 1, null, null, 'of the job', 'document', 'application/pdf', 1, 'a', true, 1), (1, null, 1, null, 'of the quote', 'document', 'application/pdf', 1, 'b', true, 1),
				(1, null, null, 1, 'of equipment', 'document', 'application/pdf', 1, 'c', true, 1), (1, null, null, null, 'of the customer', 'document', 'application/pdf', 1, 'd', true, 1);
		insert into messages (customer_id, quote_id, text, staff_id) values (1, 1, 'Here it is', 1);
		update contacts set equipment_see = 'all';`)
	n := s.notify
	type deed struct {
		name  string
		kind  Kind
		about About
		do    func(ctx context.Context, tx postgres.Tx) error
	}
	files := func(id int64) func(context.Context, postgres.Tx) error {
		return func(ctx context.Context, tx postgres.Tx) error { return n.FilesShared(ctx, tx, []int64{id}) }
	}
	deeds := []deed{
		{"booking", KindJobBooked, About{Job: aJob}, func(ctx context.Context, tx postgres.Tx) error { return n.JobBooked(ctx, tx, aJob) }},
		{"completing", KindJobCompleted, About{Job: aJob}, func(ctx context.Context, tx postgres.Tx) error { return n.JobCompleted(ctx, tx, aJob) }},
		{"sending", KindQuoteSent, About{Quote: aQuote}, func(ctx context.Context, tx postgres.Tx) error {
			if _, err := tx.Exec(ctx, `update quotes set sent_version = 1, status = 'sent'`); err != nil {
				return err
			}
			return n.QuoteSent(ctx, tx, aQuote)
		}},
		{"writing on a job", KindMessage, About{Job: aJob}, func(ctx context.Context, tx postgres.Tx) error { return n.MessageWritten(ctx, tx, fromOffice) }},
		{"writing on a quote", KindMessage, About{Quote: aQuote}, func(ctx context.Context, tx postgres.Tx) error { return n.MessageWritten(ctx, tx, 4) }},
		{"sharing of a job", KindFilesShared, About{Job: aJob}, files(1)},
		{"sharing of a quote", KindFilesShared, About{Quote: aQuote}, files(2)},
		{"sharing of equipment", KindFilesShared, About{Equipment: 1}, files(3)},
		{"sharing of a customer", KindFilesShared, About{Customer: 1}, files(4)},
	}
	const asBefore = `
		update contacts set access = 'active', jobs_see = 'all', quotes_see = 'all', equipment_see = 'all', all_sites = true, archived_at = null, email = lower(name) || '@harbour.example', person_id = case name when 'Lee' then 1 else 2 end where customer_id = 1 and name in ('Lee', 'Pat');
		delete from contact_sites; delete from mail_choices where kind <> 'everything';
		update customers set archived_at = null;
		update jobs set site_id = 1, main_contact_id = 1, status = 'booked', booked_from = now() + interval '3 days', completed_at = null;
		update quotes set site_id = 1, main_contact_id = 1, origin = 'portal', created_by_contact_id = 1, sent_version = 1, status = 'sent'; update equipment set site_id = 1;
		update portal_settings set age_limit = 'off', record_links = true;`
	for _, tt := range []struct {
		name   string
		change string
		reason Reason // why Lee gets no email of jobs
	}{
		{"nothing in the way", ``, ""},
		{"no access", `update contacts set access = 'none', person_id = null where name = 'Lee'`, ""},
		{"only invited", `update contacts set access = 'invited', person_id = null where name = 'Lee'`, ""},
		{"no access, and links switched off", `update portal_settings set record_links = false; update contacts set access = 'none', person_id = null where name = 'Lee'`, NoAccess},
		{"only invited, and links switched off", `update portal_settings set record_links = false; update contacts set access = 'invited', person_id = null where name = 'Lee'`, NotAccepted},
		{"only invited, without a right", `update contacts set access = 'invited', person_id = null, jobs_see = 'none', quotes_see = 'none', equipment_see = 'none', jobs_edit = false, jobs_create = false, quotes_edit = false, quotes_create = false, quotes_accept = false where name = 'Lee'`, NoRight},
		{"no access, and not the main contact", `update contacts set access = 'none', person_id = null where name = 'Lee'; update jobs set main_contact_id = 2; update quotes set main_contact_id = 2`, NoAccess},
		{"suspended", `update contacts set access = 'suspended' where name = 'Lee'`, Suspended},
		{"archived", `update contacts set archived_at = now() where name = 'Lee'`, Archived},
		{"the customer archived", `update customers set archived_at = now() where id = 1`, Archived},
		{"no email address", `update contacts set email = '', access = 'none', person_id = null where name = 'Lee'`, NoAddress},
		{"no right", `update contacts set jobs_see = 'none', quotes_see = 'none', equipment_see = 'none', jobs_edit = false, jobs_create = false, quotes_edit = false, quotes_create = false, quotes_accept = false where name = 'Lee'`, NoRight},
		{"their own only", `update contacts set jobs_see = 'own', quotes_see = 'own' where name in ('Lee', 'Pat')`, ""},
		{"another site", `update contacts set all_sites = false where name = 'Lee'; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 2)`, OtherSites},
		{"this site", `update contacts set all_sites = false where name = 'Lee'; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 1)`, ""},
		{"no site", `update contacts set all_sites = false where name = 'Lee'; insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 1); update jobs set site_id = null; update quotes set site_id = null; update equipment set site_id = null`, OtherSites},
		{"too old", `update portal_settings set age_limit = 'since', age_limit_since = business_day(); update jobs set status = 'completed', completed_at = now() - interval '400 days'`, TooOld},
		{"switched off", `insert into mail_choices (customer_id, contact_id, kind, wanted) select 1, 1, k, false from unnest(array['job-booked', 'job-completed', 'quote-sent', 'message', 'files-shared']) k`, Unwanted},
		{"no main contact", `update jobs set main_contact_id = null; update quotes set main_contact_id = null`, NotAsked},
		{"a quote not sent yet", `update quotes set origin = 'office', created_by_contact_id = null, sent_version = null, status = 'draft'`, ""},
	} {
		for _, d := range deeds {
			s.exec(t, asBefore)
			s.exec(t, tt.change)
			would, err := WouldTell(t.Context(), s.pool, d.kind, d.about)
			if err != nil {
				t.Fatal(err)
			}
			var want, dropped []string
			for _, c := range would {
				switch {
				case c.Email != (c.Why == ""):
					t.Errorf("%s, %s: %+v", tt.name, d.name, c)
				case c.Email:
					want = append(want, c.Address)
				case c.Main:
					dropped = append(dropped, fmt.Sprintf("%s %s", c.Name, c.Why))
				}
				if d.kind == KindJobBooked && c.Contact == lee && c.Why != tt.reason {
					t.Errorf("%s, %s: Lee is not told because of %q, want %q", tt.name, d.name, c.Why, tt.reason)
				}
			}
			s.exec(t, `delete from emails`)
			s.tell(t, d.do)
			got, not := s.written(t)
			slices.Sort(want)
			if !slices.Equal(got, want) || !slices.Equal(not, dropped) {
				t.Errorf("%s, %s: told %v and not %v, but would have told %v and not %v", tt.name, d.name, got, not, want, dropped)
			}
		}
	}
}

// written are the addresses that mails go to, and who gets none, with the reason.
func (s *stage) written(t *testing.T) (to, not []string) {
	t.Helper()
	err := s.pool.QueryRow(t.Context(), `
		select coalesce(array_agg(to_address order by to_address) filter (where state = 'waiting'), '{}'), coalesce(array_agg(to_name || ' ' || reason) filter (where state = 'dropped'), '{}')
		from emails where rule in ($1, $2)`, MainContact, EverythingSeen).Scan(&to, &not)
	if err != nil {
		t.Fatal(err)
	}
	return to, not
}

// A form may have another main contact and site than what is stored, or nothing
// may be stored at all.
func TestWhoWouldBeToldOfADraft(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	for _, tt := range []struct {
		name  string
		about About
		want  []string
	}{
		{"a new job", About{Customer: 1, Draft: &Draft{MainContact: 4, Site: 1}}, []string{"Rob", "Pat"}},
		{"nobody chosen", About{Customer: 1, Draft: &Draft{}}, []string{"Pat"}},
		{"another contact", About{Job: aJob, Draft: &Draft{MainContact: 4, Site: 1}}, []string{"Rob", "Pat"}},
		{"as stored", About{Job: aJob}, []string{"Lee", "Pat"}},
	} {
		would, err := WouldTell(t.Context(), s.pool, KindJobBooked, tt.about)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range would {
			if c.Email {
				got = append(got, c.Name)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v get an email, want %v", tt.name, got, tt.want)
		}
	}
}

// Mails about one record to one person refer to each other; those about another
// record, or to somebody else, do not.
func TestMailsOfOneRecordThread(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	n := s.notify
	for _, deed := range []func(context.Context, postgres.Tx) error{
		func(ctx context.Context, tx postgres.Tx) error { return n.JobBooked(ctx, tx, aJob) },
		func(ctx context.Context, tx postgres.Tx) error { return n.QuoteSent(ctx, tx, aQuote) },
		func(ctx context.Context, tx postgres.Tx) error { return n.MessageWritten(ctx, tx, fromOffice) },
		func(ctx context.Context, tx postgres.Tx) error { return n.PasswordChanged(ctx, tx, 1) },
		func(ctx context.Context, tx postgres.Tx) error { return n.MessageWritten(ctx, tx, fromOffice) },
	} {
		s.tell(t, deed)
		s.work(t)
	}
	threads := map[string][]string{} // by person and the first of the thread
	for _, m := range slices.Backward(s.server.Messages()) {
		root := m.MessageID
		if refs := strings.Fields(m.Get("References")); len(refs) > 0 {
			root = strings.Trim(refs[0], "<>")
			if want := threads[m.Recipients[0]+" "+root]; !slices.Equal(refs, want) || m.Get("In-Reply-To") != want[len(want)-1] {
				t.Errorf("%s refers to %v and answers %s, want %v", m.Subject, refs, m.Get("In-Reply-To"), want)
			}
		}
		key := m.Recipients[0] + " " + root
		threads[key] = append(threads[key], "<"+m.MessageID+">")
	}
	var lengths []int
	for _, ids := range threads {
		lengths = append(lengths, len(ids))
	}
	// Lee: job 3, quote 1, password 1. Pat: job 3, quote 1.
	if slices.Sort(lengths); !slices.Equal(lengths, []int{1, 1, 1, 3, 3}) {
		t.Errorf("threads of %v mails: %v", lengths, threads)
	}
}
