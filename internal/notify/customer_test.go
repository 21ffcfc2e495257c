package notify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/postgres"
	"fieldgate/internal/push"
	"fieldgate/internal/queue"
	"fieldgate/internal/quote"
	"fieldgate/internal/secret"
)

// crowd adds people to the customer: Pat follows everything and sees all, Rob
// follows everything and sees only his own, Tia sees all and follows nothing.
func (s *stage) crowd(t *testing.T) {
	t.Helper()
	s.exec(t, `
		insert into sites (customer_id, name) values (1, 'Tower One'), (1, 'Tower Two');
		insert into persons (email, password_hash) values ('pat@harbour.example', 'x'), ('rob@harbour.example', 'x'), ('tia@harbour.example', 'x'), ('uma@other.example', 'x');
		insert into customers (name) values ('Other');
		insert into contacts (customer_id, person_id, name, email, access, quotes_see, jobs_see) values
			(1, 2, 'Pat', 'pat@harbour.example', 'active', 'all', 'all'), (1, 3, 'Rob', 'rob@harbour.example', 'active', 'own', 'own'), (1, 4, 'Tia', 'tia@harbour.example', 'active', 'all', 'all'),
			(2, 5, 'Uma', 'uma@other.example', 'active', 'all', 'all');
		insert into mail_choices (customer_id, contact_id, kind, wanted) values (1, 3, 'everything', true), (1, 4, 'everything', true), (2, 6, 'everything', true);
		update jobs set status = 'booked', booked_from = now() + interval '3 days', site_id = 1;
		insert into messages (customer_id, job_id, text, staff_id) values (1, 1, 'We come at eight', 1);
		insert into messages (customer_id, job_id, text, contact_id) values (1, 1, 'Come earlier', 1);
		insert into messages (customer_id, job_id, text, staff_id, staff_only) values (1, 1, 'They are never in', 1, true);
		insert into acceptances (customer_id, version_id, contact_id, decision, full_name) values (1, 1, 1, 'accepted', 'Lee N');`)
}

const (
	fromOffice, fromLee, staffNote = 1, 2, 3
	aJob, aQuote                   = 1, 1
)

// told lists who is told, as "kind address", in order.
func (s *stage) told(t *testing.T, what func(ctx context.Context, tx postgres.Tx) error) []string {
	t.Helper()
	s.exec(t, `delete from emails`)
	s.tell(t, what)
	var told []string
	for _, r := range s.rows(t) {
		if r.State != "dropped" {
			told = append(told, r.Kind+" "+r.ToAddress)
		}
	}
	slices.Sort(told)
	return told
}

func TestWhoIsToldOfARecord(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	n := s.notify
	booked := func(ctx context.Context, tx postgres.Tx) error { return n.JobBooked(ctx, tx, aJob) }
	answered := func(ctx context.Context, tx postgres.Tx) error { return n.QuoteAnswered(ctx, tx, aQuote) }
	message := func(id int64) func(ctx context.Context, tx postgres.Tx) error {
		return func(ctx context.Context, tx postgres.Tx) error { return n.MessageWritten(ctx, tx, id) }
	}
	for _, tt := range []struct {
		name   string
		change string // undone afterwards
		undo   string
		event  func(context.Context, postgres.Tx) error
		want   []string
	}{
		{"the main contact, and who follows everything and may see it", ``, ``, booked, []string{"job-booked Lee@harbour.example", "job-booked pat@harbour.example"}},
		{
			"not who is limited to another site", `update contacts set all_sites = false where name = 'Pat'; insert into contact_sites values (1, 3, 2)`,
			`update contacts set all_sites = true where name = 'Pat'; delete from contact_sites`, booked,
			[]string{"job-booked Lee@harbour.example"},
		},
		{"not who does not want it", `insert into mail_choices values (1, 1, 'job-booked', false)`, `delete from mail_choices where contact_id = 1`, booked, []string{"job-booked pat@harbour.example"}},
		{"who may see only their own is told of that", `update jobs set main_contact_id = 4`, `update jobs set main_contact_id = 1`, booked, []string{"job-booked pat@harbour.example", "job-booked rob@harbour.example"}},
		{"a message of the office goes to the customer", ``, ``, message(fromOffice), []string{"message Lee@harbour.example", "message pat@harbour.example"}},
		{
			"a message of a contact goes to everybody else, and to the list", `update portal_settings set message_notifications = '{desk@northwind.example}'`, ``, message(fromLee),
			[]string{"message pat@harbour.example", "message-to-office desk@northwind.example"},
		},
		{"to the account manager before the list", `update customers set account_manager_id = 1 where id = 1`, ``, message(fromLee), []string{"message pat@harbour.example", "message-to-office ada@northwind.example"}},
		{
			"to the assigned staff before the account manager", `insert into staff (name, email, role, state) values ('Ben', 'ben@northwind.example', 'office', 'active'); insert into job_staff values (1, 2)`, ``, message(fromLee),
			[]string{"message pat@harbour.example", "message-to-office ben@northwind.example"},
		},
		{"not to Field staff, who do not sign in", `update staff set role = 'field' where name = 'Ben'`, ``, message(fromLee), []string{"message pat@harbour.example", "message-to-office ada@northwind.example"}},
		{"a staff note goes to nobody", ``, ``, message(staffNote), nil},
		{"an answered quote goes to both sides", ``, ``, answered, []string{"quote-answered Lee@harbour.example", "quote-answered pat@harbour.example", "quote-decision ada@northwind.example"}},
		{
			"jobs of the office are told to nobody", `update jobs set origin = 'office', created_by_contact_id = null`, `update jobs set origin = 'portal', created_by_contact_id = 1`,
			func(ctx context.Context, tx postgres.Tx) error { return n.JobOpened(ctx, tx, aJob) }, nil,
		},
	} {
		s.exec(t, tt.change)
		if got := s.told(t, tt.event); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
		s.exec(t, tt.undo)
	}
}

// What is true when a mail is promised may not be when it is sent.
func TestIsAskedAgainAtSending(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	n := s.notify
	booked := func(ctx context.Context, tx postgres.Tx) error { return n.JobBooked(ctx, tx, aJob) }
	opened := func(ctx context.Context, tx postgres.Tx) error { return n.JobOpened(ctx, tx, aJob) }
	message := func(ctx context.Context, tx postgres.Tx) error { return n.MessageWritten(ctx, tx, fromOffice) }
	const asBefore = `
		delete from emails;
		update contacts set access = 'active', jobs_see = 'all', archived_at = null where id in (1, 3);
		update jobs set status = 'booked', completed_at = null, booked_from = '2026-11-24 08:00+11', main_contact_id = 1;
		update messages set staff_only = false where id = 1;
		update mail_choices set wanted = true;
		update portal_settings set job_notifications = '{ben@northwind.example}';
		update job_types set notification_addresses = '{}';`
	for _, tt := range []struct {
		event  func(context.Context, postgres.Tx) error
		to     string
		change string
		reason string
	}{
		{booked, "Lee@harbour.example", `update contacts set jobs_see = 'none' where id = 1`, "may not see the job"},
		{booked, "Lee@harbour.example", `update jobs set status = 'cancelled'`, "cancelled"},
		{booked, "Lee@harbour.example", `update jobs set status = 'unscheduled', booked_from = null`, "no longer booked"},
		{booked, "Lee@harbour.example", `update jobs set booked_from = '2026-11-25 08:00+11'`, "another time"},
		{booked, "Lee@harbour.example", `update jobs set main_contact_id = 5`, "somebody else is the main contact"},
		{booked, "pat@harbour.example", `update mail_choices set wanted = false where contact_id = 3`, "no longer wants emails about everything"},
		{booked, "pat@harbour.example", `update contacts set jobs_see = 'own' where id = 3`, "may not see the job"},
		{booked, "pat@harbour.example", `update contacts set access = 'suspended' where id = 3`, "suspended"},
		{message, "Lee@harbour.example", `update messages set staff_only = true where id = 1`, "may not see the message"},
		{opened, "ben@northwind.example", `update portal_settings set job_notifications = '{}'`, "no longer on the list"},
	} {
		s.exec(t, asBefore)
		s.tell(t, tt.event)
		s.exec(t, tt.change)
		s.work(t)
		for _, r := range s.rows(t) {
			if r.ToAddress == tt.to && (r.State != "dropped" || !strings.Contains(r.ServerWords, tt.reason)) {
				t.Errorf("after %s: got %+v, want dropped because %q", tt.change, r, tt.reason)
			}
		}
	}
}

func TestFilesGather(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	s.exec(t, `insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id)
		select 1, 1, 'photo ' || n, 'photo', 'image/jpeg', 1, 'key ' || n, true, 1 from generate_series(1, 5) n`)
	share := func(files ...int64) {
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error { return s.notify.FilesShared(ctx, tx, files) })
	}
	share(1, 2)
	share(3)
	rows := s.rows(t)
	if len(rows) != 2 || rows[0].State != "waiting" || !rows[0].Again {
		t.Fatalf("got %+v, want one mail for each of two contacts, for later", rows)
	}
	var first, second string
	var minutes float64
	if err := s.pool.QueryRow(t.Context(), `select payload->>'files', extract(epoch from next_try_at - created_at) / 60 from emails order by id limit 1`).Scan(&first, &minutes); err != nil || first != "[1, 2, 3]" || minutes != 10 {
		t.Errorf("gathered %s over %v minutes, %v", first, minutes, err)
	}
	s.exec(t, `update attachments set customer_view = false where id in (1, 2)`)
	if got := s.work(t); got[0].State != "sent" || got[1].State != "sent" {
		t.Errorf("got %+v", got)
	}
	for _, m := range s.server.Messages() {
		if strings.Contains(m.Text, "photo 1") || !strings.Contains(m.Text, "photo 3") {
			t.Errorf("a mail tells of a file that was hidden again: %s", m.Text)
		}
	}

	share(4)
	share(5)
	if err := s.pool.QueryRow(t.Context(), `select payload->>'files' from emails where state = 'waiting' order by id limit 1`).Scan(&second); err != nil || second != "[4, 5]" {
		t.Errorf("the next mail gathered %s, %v", second, err)
	}
	s.exec(t, `update attachments set customer_view = false`)
	for _, r := range s.work(t) {
		if r.ID > rows[1].ID && (r.State != "dropped" || !strings.Contains(r.ServerWords, "hidden again")) {
			t.Errorf("got %+v, want dropped, since no file is left", r)
		}
	}
}

func TestQuotesThatExpire(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, quotesThatExpire)
}

func quotesThatExpire(t *testing.T) {
	s := newStage(t)
	remind := func() int {
		s.remind(t, s.notify.quotesExpire)
		return len(s.rows(t))
	}
	s.exec(t, `update quote_versions set sent_at = now() - interval '20 days', valid_until = business_day() + 4; update quotes set valid_until = business_day() + 4`)
	if n := remind(); n != 0 {
		t.Errorf("%d reminders four days before", n)
	}
	s.exec(t, `update quote_versions set valid_until = valid_until - 1; update quotes set valid_until = valid_until - 1`)
	for range 3 {
		if n := remind(); n != 1 {
			t.Fatalf("%d reminders, want one a version", n)
		}
	}
	if r := s.work(t)[0]; r.State != "sent" || r.Kind != "quote-expiring" {
		t.Errorf("got %+v", r)
	}
	s.exec(t, `insert into quote_versions (customer_id, quote_id, number, sent_at, sent_by_id, valid_until) select 1, 1, 2, sent_at, 1, valid_until from quote_versions; update quotes set sent_version = 2`)
	if n := remind(); n != 2 {
		t.Errorf("%d reminders, want another one for the new version", n)
	}
}

// An answer that staff have recorded ends the reminders, like one of the portal.
func TestARecordedAnswerStopsReminders(t *testing.T) {
	t.Parallel()
	for _, accepted := range []bool{true, false} {
		s := newStage(t)
		s.exec(t, `update quote_versions set sent_at = now() - interval '20 days', valid_until = business_day() + 2; update quotes set status = 'sent', sent_version = 1, valid_until = business_day() + 2`)
		var number string
		if err := s.pool.QueryRow(t.Context(), `select number from quotes`).Scan(&number); err != nil {
			t.Fatal(err)
		}
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
			_, _, err := quote.Record(ctx, tx, audit.Actor{Staff: 1, Name: "Ada"}, number, company.NewFormat(time.Now(), "UTC", "en-AU", "AUD"), quote.Recorded{Version: 1, Accepted: accepted, Contact: lee, Way: quote.Phone, At: time.Now().Add(-time.Hour)})
			return err
		})
		s.remind(t, s.notify.quotesExpire)
		if n := len(s.rows(t)); n != 0 {
			t.Errorf("accepted %v: %d reminders of an answered quote", accepted, n)
		}
	}
}

func TestStoppingAKind(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	stopper := Stopper{Pool: s.pool, Box: s.box}
	var address string
	if err := s.pool.QueryRow(t.Context(), `select email from contacts where id = $1`, lee).Scan(&address); err != nil {
		t.Fatal(err)
	}
	token := stopToken(s.box, lee, KindJobBooked, strings.ToUpper(address))
	for _, bad := range []string{
		"", "x", token[:len(token)-2], token + "AA", stopToken(s.box, lee, KindPasswordReset, address), stopToken(s.box, 999, KindJobBooked, address),
		stopToken(s.box, lee, KindJobBooked, "who-was-there-before@demo.test"),
	} {
		if _, err := stopper.Find(t.Context(), bad); err == nil {
			t.Errorf("%q is taken for a token", bad)
		}
	}
	found, err := stopper.Find(t.Context(), token)
	if err != nil || !found.Wanted || found.Contact != lee || found.Kind != KindJobBooked {
		t.Fatalf("got %+v, %v", found, err)
	}
	events := []func(context.Context, postgres.Tx) error{
		func(ctx context.Context, tx postgres.Tx) error { return s.notify.JobBooked(ctx, tx, aJob) },
		func(ctx context.Context, tx postgres.Tx) error { return s.notify.QuoteSent(ctx, tx, aQuote) },
		func(ctx context.Context, tx postgres.Tx) error { return s.notify.PasswordChanged(ctx, tx, 1) },
	}
	count := func() (n int) {
		for _, e := range events {
			for _, to := range s.told(t, e) {
				if strings.Contains(strings.ToLower(to), "lee@") {
					n++
				}
			}
		}
		return n
	}
	for _, step := range []struct {
		wanted bool
		mails  int
	}{{false, 2}, {false, 2}, {true, 3}} {
		if err := stopper.Want(t.Context(), audit.Actor{}, token, step.wanted); err != nil {
			t.Fatal(err)
		}
		if n := count(); n != step.mails {
			t.Errorf("wanted %v: %d mails, want %d", step.wanted, n, step.mails)
		}
	}
}

// The link ends with the access of the contact it was for, however that ended,
// and one made with an earlier key works like one of today.
func TestALinkThatStopsEndsWithAccess(t *testing.T) {
	t.Parallel()
	const key, next = "the key that was used before this one", "another key of at least 32 characters"
	box := func(keys ...string) *secret.Box {
		b, err := secret.NewBox(keys[0], keys[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, tt := range map[string]struct {
		change string
		box    *secret.Box
		works  bool
	}{
		"nothing has changed":      {`select 1`, box(key), true},
		"after a change of keys":   {`select 1`, box(next, key), true},
		"the key is gone":          {`select 1`, box(next), false},
		"suspended":                {`update contacts set access = 'suspended' where id = 1`, box(key), false},
		"archived":                 {`update contacts set archived_at = now() where id = 1`, box(key), false},
		"the customer archived":    {`update customers set archived_at = now() where id = (select customer_id from contacts where id = 1)`, box(key), false},
		"invited at a new address": {`update contacts set access = 'invited', person_id = null, email = 'lee@new.test' where id = 1`, box(key), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.crowd(t)
			var address string
			if err := s.pool.QueryRow(t.Context(), `select email from contacts where id = $1`, lee).Scan(&address); err != nil {
				t.Fatal(err)
			}
			token := stopToken(box(key), lee, KindJobBooked, address)
			s.exec(t, tt.change)
			stopper := Stopper{Pool: s.pool, Box: tt.box}
			found, err := stopper.Find(t.Context(), token)
			if tt.works != (err == nil) || (err != nil && (!errors.Is(err, apperr.NotFound) || found != (Stop{}))) {
				t.Errorf("found %+v, %v", found, err)
			}
			if err := stopper.Want(t.Context(), audit.Actor{}, token, false); tt.works != (err == nil) {
				t.Errorf("stopped: %v", err)
			}
		})
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const old, present, gone = "the key that was used before this one", "another key of at least 32 characters", "a key that nobody has any more, sadly"
	seal := func(id, key string) {
		b, err := secret.NewBox(key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.pool.Exec(t.Context(), `insert into emails (kind, rule, to_address, message_id, secret) values ('welcome', '', 'lee@demo.test', $1, $2)`, id, b.Seal([]byte("word of "+id), secretOf(id)))
		if err != nil {
			t.Fatal(err)
		}
	}
	seal("a", old)
	seal("b", present)
	seal("c", gone)
	seal("d", old)
	box, err := secret.NewBox(present, old)
	if err != nil {
		t.Fatal(err)
	}
	rotate := func(want Rotated) {
		t.Helper()
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
			if done, err := Rotate(ctx, tx, box); err != nil || done != want {
				t.Errorf("rotated: %+v, %v", done, err)
			}
			return nil
		})
	}
	before, err := secret.NewBox(old)
	if err != nil {
		t.Fatal(err)
	}
	key, err := push.Keys{Pool: s.pool, Box: before}.Public(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rotate(Rotated{Sealed: 3, Unreadable: 1})
	rotate(Rotated{Unreadable: 1})
	alone, err := secret.NewBox(present)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := (push.Keys{Pool: s.pool, Box: alone}).Public(t.Context()); err != nil || again != key {
		t.Errorf("the key of notifications: %v", err)
	}
	for _, id := range []string{"a", "b", "d"} {
		var sealed []byte
		if err := s.pool.QueryRow(t.Context(), `select secret from emails where message_id = $1`, id).Scan(&sealed); err != nil {
			t.Fatal(err)
		}
		if plain, err := alone.Open(sealed, secretOf(id)); err != nil || string(plain) != "word of "+id {
			t.Errorf("%s: %q, %v", id, plain, err)
		}
	}
}

// Whatever else is sealed one day has to be sealed again by Rotate: this names
// every column that could hold it.
func TestWhatIsSealedIsRotated(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	known := map[string]string{
		"emails.secret":                 "sealed, and rotated",
		"push_keys.private_key":         "sealed, and rotated",
		"webhooks.secret":               "sealed, and rotated",
		"webhooks.old_secret":           "sealed, and rotated",
		"push_keys.public_key":          "public",
		"push_devices.endpoint_hash":    "a hash",
		"push_devices.public_key":       "public",
		"push_devices.auth_secret":      "lets the holder of our key write to a browser, which a copy of the database is not",
		"link_tokens.token_hash":        "a hash",
		"tokens.hash":                   "a hash",
		"contact_keys.hash":             "a hash",
		"token_answers.request":         "a hash",
		"token_answers.body":            "an answer of the API, gone after a day",
		"attachments.digest":            "a hash",
		"calendar_feeds.token_hash":     "a hash",
		"calendar_feeds.sealed":         "sealed, and rotated",
		"river_job.unique_key":          "a hash",
		"second_factors.sealed":         "sealed, and rotated",
		"recovery_codes.code_hash":      "a hash",
		"pending_sign_ins.browser_hash": "a hash",
		"record_links.token_hash":       "a hash",
		"company_logins.sealed":         "sealed, and rotated",
		"company_visits.sealed":         "sealed, and rotated",
		"openid_sign_ins.state_hash":    "a hash",
		"openid_sign_ins.browser_hash":  "a hash",
		"openid_sign_ins.sealed":        "sealed, and over within ten minutes",
		"codes.browser_hash":            "a hash",
		"codes.code_hash":               "a hash",
		"passkeys.credential_id":        "public",
		"passkeys.public_key":           "public",
		"unsent_forms.sealed":           "sealed, and gone within the hour",
		"sessions.data":                 "flash messages",
		"persons.second_factor":         "nothing writes it yet",
		"staff.second_factor":           "nothing writes it yet",
	}
	rows, err := s.pool.Query(t.Context(), `select table_name || '.' || column_name from information_schema.columns where table_schema = 'public' and data_type = 'bytea'`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) == 0 {
		t.Fatal(columns, err)
	}
	for _, c := range columns {
		if known[c] == "" {
			t.Errorf("%s holds bytes: if they are sealed, Rotate seals them again; say so here", c)
		}
	}
}

func TestSendAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	again := func(id int64) (fresh int64, err error) {
		err = postgres.Transact(t.Context(), s.pool, func(tx postgres.Tx) error {
			fresh, err = s.notify.SendAgain(t.Context(), tx, audit.Actor{Staff: 1, Name: "Ada"}, id)
			return err
		})
		return fresh, err
	}
	s.tell(t, s.everything()[KindWelcome])
	first := s.work(t)[0].ID
	second, err := again(first)
	if err != nil || second == first {
		t.Fatal(second, err)
	}
	if twice, err := again(first); err != nil || twice != second {
		t.Errorf("pressed twice: got email %d, %v; want %d", twice, err, second)
	}
	if rows := s.work(t); len(rows) != 2 || rows[1].State != "sent" {
		t.Errorf("got %+v", rows)
	}
	got := s.server.Messages()
	if len(got) != 2 || got[0].MessageID == got[1].MessageID {
		t.Errorf("%d mails; one sent again must be a mail of its own", len(got))
	}
	var live int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from link_tokens t join links l on l.id = t.link_id where l.ended_at is null and l.contact_id = 2`).Scan(&live); err != nil || live != 1 {
		t.Errorf("%d tokens work, %v; want only that of the mail sent again", live, err)
	}
}

// The copy that the office may read lets nobody in.
func TestCopiesHaveNoSecrets(t *testing.T) {
	t.Parallel()
	const password = "let-me-look-around"
	s := newStage(t)
	s.tell(t, s.everything()[KindWelcome])
	s.tell(t, s.everything()[KindPasswordReset])
	s.tell(t, s.everything()[KindStaffInvited])
	s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
		return s.notify.Welcome(ctx, tx, Welcome{Contact: lee, Password: password})
	})
	s.work(t)
	rows, err := s.pool.Query(t.Context(), `select text from email_copies`)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	copies := 0
	for rows.Next() {
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		copies++
		if strings.Contains(text, password) || !strings.Contains(text, hidden) {
			t.Errorf("a copy tells a secret: %s", text)
		}
	}
	if copies != 4 {
		t.Errorf("%d copies", copies)
	}
}

// When the server takes mail again, what waited for it goes out at once.
func TestServerIsBack(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	failing := func() (since bool) {
		if err := s.pool.QueryRow(t.Context(), `select failing_since is not null from mail_server`).Scan(&since); err != nil {
			t.Fatal(err)
		}
		return since
	}
	s.server.Fault(catcher.Temporary)
	s.tell(t, s.everything()[KindWelcome])
	if s.work(t); failing() {
		t.Error("a recipient whose mailbox is busy is taken for a server in trouble")
	}
	s.server.Fault(catcher.Busy)
	if s.work(t); !failing() {
		t.Error("nobody notices that the server is in trouble")
	}
	s.exec(t, `update river_job set state = 'scheduled', scheduled_at = now() + interval '4 minutes'`)
	s.server.Fault(catcher.Busy, catcher.Fine)
	s.tell(t, s.everything()[KindPasswordReset])
	ids := s.rows(t)
	if err := s.worker.deliver(t.Context(), ids[1].ID); err == nil {
		t.Fatal("not tried again")
	}
	if err := s.worker.deliver(t.Context(), ids[1].ID); err != nil {
		t.Fatal(err)
	}
	var due int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from river_job where state = 'available' and scheduled_at <= now() and args @> jsonb_build_object('email', $1::bigint)`, ids[0].ID).Scan(&due); err != nil || due != 1 {
		t.Errorf("%d jobs are due, %v; want that of the mail that waited", due, err)
	}
	if failing() {
		t.Error("the server is still taken for failing")
	}
}

// A program that stood still must not give up on what waited meanwhile.
func TestTwoDaysCountFromTheFirstTry(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.tell(t, s.everything()[KindWelcome])
	s.exec(t, `update emails set created_at = now() - interval '9 days'`)
	s.server.Fault(catcher.Temporary)
	if r := s.work(t)[0]; r.State != "retrying" {
		t.Errorf("got %+v after the first try", r)
	}
	s.exec(t, `update emails set first_try_at = now() - interval '47 hours'`)
	if r := s.work(t)[0]; r.State != "retrying" {
		t.Errorf("got %+v after 47 hours", r)
	}
	s.exec(t, `update emails set first_try_at = now() - interval '48 hours'`)
	if r := s.work(t)[0]; r.State != "failed" || !strings.Contains(r.ServerWords, catcher.TemporaryWords) {
		t.Errorf("got %+v after two days", r)
	}
}

// A mail without a job, because somebody has cleared the queue, gets another one.
func TestLostMailsAreFound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.tell(t, s.everything()[KindWelcome])
	find := func() (jobs int) {
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error { return s.notify.findLost(ctx)(tx) })
		if err := s.pool.QueryRow(t.Context(), `select count(*) from river_job`).Scan(&jobs); err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	s.exec(t, `update emails set created_at = now() - interval '1 hour'`)
	if n := find(); n != 1 {
		t.Errorf("%d jobs for a mail that has one", n)
	}
	s.exec(t, `delete from river_job`)
	if n := find(); n != 1 {
		t.Errorf("%d jobs for a mail that has lost its own", n)
	}
}

// A server that thinks for long gets a mail once: nobody hangs up and calls again.
func TestSlowServerGetsAMailOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.server.Fault(catcher.Slow)
	s.tell(t, s.everything()[KindWelcome])
	done := make(chan error, 1)
	id := s.rows(t)[0].ID
	go func() { done <- s.worker.deliver(context.WithoutCancel(t.Context()), id) }()
	// The token is made when the server has let us in; from then on it has the mail, or is about to.
	for s.tokens(t) == 0 {
		select {
		case err := <-done:
			t.Fatalf("the mail was not waited for: %v", err)
		default:
		}
	}
	if r := s.rows(t)[0]; r.State != "waiting" || r.Attempts != 0 {
		t.Errorf("while the server thinks: %+v", r)
	}
	s.server.Fault(catcher.Fine)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if r := s.rows(t)[0]; r.State != "sent" || r.Attempts != 1 || len(s.server.Messages()) != 1 {
		t.Errorf("got %+v and %d mails", r, len(s.server.Messages()))
	}
}

// A program that was cut off for a moment is taken for gone, and its mail is
// given to another one while the server still reads it.
func TestTwoProgramsWithOneMail(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.server.Fault(catcher.Slow)
	s.tell(t, s.everything()[KindWelcome])
	id := s.rows(t)[0].ID
	first, second := s.worker, s.worker
	done := make(chan error, 1)
	go func() { done <- first.deliver(context.WithoutCancel(t.Context()), id) }()
	for handed := false; !handed && len(done) == 0; {
		if err := s.pool.QueryRow(t.Context(), `select handed_over_at is not null from emails where id = $1`, id).Scan(&handed); err != nil {
			t.Fatal(err)
		}
	}
	later := queue.Later(handing).Error()
	if err := second.deliver(t.Context(), id); err == nil || err.Error() != later {
		t.Errorf("the second program: %v", err)
	}
	e, _, err := second.load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.handOver(t.Context(), e, Rendered{}); !errors.Is(err, errHanded) {
		t.Errorf("one that had read the mail before: %v", err)
	}
	s.server.Fault(catcher.Fine)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if r := s.rows(t)[0]; r.State != "sent" || len(s.server.Messages()) != 1 {
		t.Errorf("got %+v and %d mails", r, len(s.server.Messages()))
	}

	// Of one that was killed meanwhile nobody knows: the mail waits a minute, and goes.
	s.tell(t, s.everything()[KindPasswordReset])
	id = s.rows(t)[1].ID
	s.exec(t, `update emails set handed_over_at = now() where state = 'waiting'`)
	if err := second.deliver(t.Context(), id); err == nil || err.Error() != later {
		t.Errorf("just after it was killed: %v", err)
	}
	s.exec(t, `update emails set handed_over_at = now() - interval '61 seconds' where state = 'waiting'`)
	if err := second.deliver(t.Context(), id); err != nil || len(s.server.Messages()) != 2 {
		t.Errorf("a minute later: %v, %d mails", err, len(s.server.Messages()))
	}
}

func (s *stage) tokens(t *testing.T) (n int) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), `select count(*) from link_tokens`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A business that nobody has named yet does not write as "Your business".
func TestNoMailFromYourBusiness(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.exec(t, `update company set trading_name = 'Your business'`)
	s.tell(t, s.everything()[KindWelcome])
	s.work(t)
	if m := s.server.Messages()[0]; strings.Contains(m.HTML, "Your business") || m.From.Name != "northwind.example" {
		t.Errorf("from %v: %s", m.From, m.HTML)
	}
}

// Documents are reminded of 60, 30 and 7 days before their end, once each, to the
// list of the settings and to the contacts who see them and want it.
func TestDocumentsThatExpire(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, documentsThatExpire)
}

// What is due is told of thing by thing: one that fails keeps nobody from hearing
// of the others, and is told of the next time, once.
func TestOneThatFailsStopsNoReminder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crowd(t)
	s.exec(t, `
		update portal_settings set document_notifications = '{safety@northwind.example}';
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id, document_kind_id, at_site_id, valid_until)
			select 1, 1, n || '.pdf', 'document', 'application/pdf', 1, 'a', true, 1, 1, 1, business_day() + 20 + n from generate_series(1, 3) n;
		update attachments set at_site_id = null, document_kind_id = 2 where name = '1.pdf';
		update attachments set at_site_id = null where name = '2.pdf';`)
	owner := dbtest.Owner(t, s.pool)
	for _, sql := range []string{
		`create function fails() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
		`create trigger fails before update of reminded on attachments for each row when (new.name = '1.pdf') execute function fails()`,
	} {
		if _, err := owner.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	told := func() (n int) {
		for _, r := range s.rows(t) {
			if r.ToAddress == "safety@northwind.example" {
				n++
			}
		}
		return n
	}
	for range 2 {
		if err := s.notify.documentsEnd(t.Context(), s.pool); err == nil {
			t.Error("nobody learns that one failed")
		}
		if n := told(); n != 2 {
			t.Errorf("told of %d documents, want the other two, once", n)
		}
	}
	if _, err := owner.Exec(t.Context(), `drop trigger fails on attachments`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.remind(t, s.notify.documentsEnd)
		if n := told(); n != 3 {
			t.Errorf("told of %d documents, want all three, once", n)
		}
	}
}

func documentsThatExpire(t *testing.T) {
	s := newStage(t)
	s.crowd(t)
	s.exec(t, `
		update portal_settings set document_notifications = '{safety@northwind.example}';
		insert into mail_choices (customer_id, contact_id, kind, wanted) values (1, 5, 'document-ending', false); -- Tia
		update jobs set main_contact_id = 1;
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id, document_kind_id, at_site_id, valid_until)
			values (1, 1, 'safety.pdf', 'document', 'application/pdf', 1, 'a', true, 1, 1, 1, business_day() + 61)`)
	remind := func() []string {
		before := len(s.rows(t))
		s.remind(t, s.notify.documentsEnd)
		var to []string
		for _, r := range s.rows(t)[before:] {
			to = append(to, r.ToAddress)
		}
		slices.Sort(to)
		return to
	}
	all := []string{"Lee@harbour.example", "pat@harbour.example", "safety@northwind.example"} // Rob sees his own alone, Tia has turned them off
	for _, tt := range []struct {
		rule, change string
		told         []string
	}{
		{"61 days before", ``, nil},
		{"60 days before", `set valid_until = valid_until - 1`, all},
		{"the same day again", ``, nil},
		{"a day that comes closer by itself", `set valid_until = business_day() + 31`, nil},
		{"30 days before", `set valid_until = business_day() + 30`, all},
		{"8 days before", `set valid_until = business_day() + 8`, nil},
		{"7 days before", `set valid_until = business_day() + 7`, all},
		{"on the last day", `set valid_until = business_day()`, nil},
		{"known for the first time on the last day", `set reminded = null`, all},
		{"after it", `set valid_until = business_day() - 1, reminded = null`, nil},
		{"hidden", `set valid_until = business_day() + 20, customer_view = false`, nil},
		{"removed", `set customer_view = true, removed_at = now()`, nil},
		{"there again", `set removed_at = null`, all},
	} {
		if tt.change != "" {
			s.exec(t, `update attachments `+tt.change+` where name = 'safety.pdf'`)
		}
		if told := remind(); !slices.Equal(told, tt.told) {
			t.Errorf("%s: told %q, want %q", tt.rule, told, tt.told)
		}
	}
	// One of the same kind and place that holds longer replaces it; elsewhere it does not.
	s.exec(t, `update attachments set reminded = null;
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id, document_kind_id, at_site_id, valid_until)
			values (1, 1, 'elsewhere.pdf', 'document', 'application/pdf', 1, 'b', true, 1, 1, 2, business_day() + 400), (1, 1, 'other kind.pdf', 'document', 'application/pdf', 1, 'c', true, 1, 2, 1, business_day() + 400)`)
	if told := remind(); !slices.Equal(told, all) {
		t.Errorf("beside others: told %q", told)
	}
	waiting := s.rows(t)
	s.exec(t, `update attachments set reminded = null;
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id, document_kind_id, at_site_id, valid_until)
			values (1, 1, 'newer.pdf', 'document', 'application/pdf', 1, 'd', false, 1, 1, 1, business_day() + 400)`)
	if told := remind(); told != nil {
		t.Errorf("replaced: told %q", told)
	}
	// What was replaced, or holds until another day, before a mail went out: it does not.
	s.exec(t, `update attachments set customer_view = true where name = 'newer.pdf'`)
	for _, r := range s.work(t) {
		if r.State == "sent" {
			t.Errorf("went out all the same: %+v", r)
		}
	}
	if len(waiting) == 0 {
		t.Error("no mail was tried")
	}
	// The mail tells no more than the contact sees: the job is hidden by its age, the document is not.
	s.exec(t, `delete from attachments where name = 'newer.pdf'; update attachments set reminded = null, valid_until = business_day() + 5 where name = 'safety.pdf';
		update portal_settings set age_limit = 'since', age_limit_since = business_day() - 10; update jobs set status = 'completed', completed_at = now() - interval '3 years', name = 'Secret old job'`)
	if told := remind(); !slices.Equal(told, all) {
		t.Errorf("of a hidden job: told %q", told)
	}
	sent := 0
	for _, r := range s.work(t) {
		if r.State == "sent" {
			sent++
		}
	}
	if sent != 3 {
		t.Errorf("%d of 3 went out", sent)
	}
	for _, m := range s.server.Messages() {
		if text := m.Subject + m.Text; strings.Contains(text, "Secret old job") || strings.Contains(text, "J-1001") {
			t.Errorf("a mail names the hidden job: %s", text)
		}
	}
}
