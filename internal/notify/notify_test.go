package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/mail"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
)

// plain is a Renderer whose mails show what they were given.
type plain struct{}

func (plain) Render(_ context.Context, m Mail) (Rendered, error) {
	if n, ok := m.Content.(AccessNotice); ok && n.What == "panic" {
		panic("no such words")
	}
	return Rendered{Subject: fmt.Sprintf("%T", m.Content), Text: fmt.Sprintf("%+v", m.Content) + strings.Join(m.More, "; "), HTML: "<p>" + m.Business.TradingName}, nil
}

func (plain) Pushed(m Mail) (Pushed, error) {
	return Pushed{Body: fmt.Sprintf("%T", m.Content), Path: "/"}, nil
}

// stage is an office with one customer, a mail server and nobody who works the queue.
type stage struct {
	pool   *pgxpool.Pool
	server *catcher.Catcher
	notify *Notifier
	worker Worker
	box    *secret.Box
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{pool: dbtest.New(t)}
	var err error
	if s.server, err = catcher.StartWith("127.0.0.1:0", catcher.Options{Encryption: mail.StartTLS, User: "portal", Password: "demanded"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.server.Close() })
	if s.box, err = secret.NewBox(strings.Repeat("k", 32)); err != nil {
		t.Fatal(err)
	}
	q, err := queue.NewClient(s.pool)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := mail.Parse(s.server.URL(), "portal@northwind.example")
	if err != nil {
		t.Fatal(err)
	}
	settings.Roots = s.server.Roots()
	s.notify = New(q, s.box)
	s.worker = Worker{Pool: s.pool, Mailer: mail.New(settings), Renderer: plain{}, Box: s.box}
	s.exec(t, `
		update company set trading_name = 'Northwind Air', email = 'office@northwind.example';
		update portal_settings set contact_notifications = '{Ada@northwind.example}', job_notifications = '{ben@northwind.example,ada@Northwind.example}',
			quote_notifications = '{quotes@northwind.example}', equipment_notifications = '{gear@northwind.example}', details_notifications = '{ada@northwind.example}';
		insert into staff (name, email, role, state) values ('Ada', 'ada@northwind.example', 'administrator', 'active');
		insert into persons (email, password_hash, must_change_password) values ('lee@harbour.example', 'x', true);
		insert into customers (name) values ('Harbour Towers');
		insert into contacts (customer_id, person_id, name, email, access, quotes_see, jobs_see) values (1, 1, 'Lee', 'Lee@harbour.example', 'active', 'all', 'all'), (1, null, 'Kim', 'kim@harbour.example', 'invited', 'none', 'none');
		insert into job_types (name, notification_addresses) values ('Repair', '{Ada@northwind.example,field@northwind.example}');
		insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id, main_contact_id) values (1, 'It drips', 1, 'new', 'portal', 1, 1);
		insert into quotes (customer_id, description, currency, status, origin, created_by_contact_id, main_contact_id) values (1, 'New chiller', 'AUD', 'requested', 'portal', 1, 1);
		insert into quote_versions (customer_id, quote_id, number, total, net, sent_at, sent_by_id) values (1, 1, 1, 100, 100, now(), 1);
		update quotes set status = 'sent', sent_version = 1;
		insert into equipment (customer_id, number, name, type, origin) values (1, 'AC-1', 'Split', 'Air conditioner', 'office');
		insert into links (purpose, contact_id, email) values ('invitation', 2, 'kim@harbour.example');
		insert into links (purpose, person_id, email) values ('reset', 1, 'lee@harbour.example');
		insert into links (purpose, staff_id, email) values ('staff-invitation', 1, 'ada@northwind.example');`)
	return s
}

const (
	lee, kim                       = 1, 2
	invitation, reset, staffInvite = 1, 2, 3
)

func (s *stage) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) tell(t *testing.T, what func(ctx context.Context, tx postgres.Tx) error) {
	t.Helper()
	if err := postgres.Transact(t.Context(), s.pool, func(tx postgres.Tx) error { return what(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// remind does what is done from time to time.
func (s *stage) remind(t *testing.T, work func(context.Context, *pgxpool.Pool) error) {
	t.Helper()
	if err := work(t.Context(), s.pool); err != nil {
		t.Fatal(err)
	}
}

// row is what the log of mails shows.
type row struct {
	ID          int64
	Kind, Rule  string
	ToAddress   string
	State       string
	Attempts    int
	ServerWords string
	Sealed      bool
	Again       bool
	Finished    bool
}

func (s *stage) rows(t *testing.T) []row {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), `
		select id, kind, rule, to_address, state, attempts, server_words, secret is not null as sealed, next_try_at > now() is true as again, finished_at is not null as finished
		from emails order by id`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// work tries every waiting mail once, and reports the rows afterwards.
func (s *stage) work(t *testing.T) []row {
	t.Helper()
	for _, r := range s.rows(t) {
		err := s.worker.deliver(t.Context(), r.ID)
		if after := s.rows(t); err != nil && !strings.Contains(fmt.Sprintf("%T", err), "Snooze") {
			t.Fatalf("email %d: %v (%+v)", r.ID, err, after)
		}
	}
	return s.rows(t)
}

func (s *stage) everything() map[Kind]func(context.Context, postgres.Tx) error {
	n := s.notify
	return map[Kind]func(context.Context, postgres.Tx) error{
		KindWelcome: func(ctx context.Context, tx postgres.Tx) error {
			return n.Welcome(ctx, tx, Welcome{Contact: kim, Link: invitation})
		},
		KindContactAccess: func(ctx context.Context, tx postgres.Tx) error {
			return n.ContactAccess(ctx, tx, audit.Actor{Staff: 1}, kim, "invited")
		},
		KindJobOpened:      func(ctx context.Context, tx postgres.Tx) error { return n.JobOpened(ctx, tx, 1) },
		KindQuoteRequested: func(ctx context.Context, tx postgres.Tx) error { return n.QuoteRequested(ctx, tx, 1) },
		KindQuoteSent:      func(ctx context.Context, tx postgres.Tx) error { return n.QuoteSent(ctx, tx, 1) },
		KindEquipmentAdded: func(ctx context.Context, tx postgres.Tx) error { return n.EquipmentAdded(ctx, tx, 1) },
		KindDetailsChanged: func(ctx context.Context, tx postgres.Tx) error {
			return n.DetailsChanged(ctx, tx, 1, lee, []Change{{Field: "Phone", Before: "1", After: "2"}})
		},
		KindPasswordReset:   func(ctx context.Context, tx postgres.Tx) error { return n.PasswordReset(ctx, tx, reset) },
		KindPasswordChanged: func(ctx context.Context, tx postgres.Tx) error { return n.PasswordChanged(ctx, tx, 1) },
		KindStaffInvited:    func(ctx context.Context, tx postgres.Tx) error { return n.StaffInvited(ctx, tx, staffInvite) },
		KindStaffReset:      func(ctx context.Context, tx postgres.Tx) error { return n.StaffReset(ctx, tx, staffInvite) },
	}
}

func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	want := map[Kind][]string{
		KindWelcome:         {"kim@harbour.example"},
		KindContactAccess:   {"Ada@northwind.example"},
		KindJobOpened:       {"Ada@northwind.example", "field@northwind.example", "ben@northwind.example", "Lee@harbour.example"},
		KindQuoteRequested:  {"quotes@northwind.example", "Lee@harbour.example"},
		KindQuoteSent:       {"Lee@harbour.example"},
		KindEquipmentAdded:  {"gear@northwind.example"},
		KindDetailsChanged:  {"ada@northwind.example"},
		KindPasswordReset:   {"lee@harbour.example"},
		KindPasswordChanged: {"lee@harbour.example"},
		KindStaffInvited:    {"ada@northwind.example"},
		KindStaffReset:      {"ada@northwind.example"},
	}
	for kind, tell := range s.everything() {
		s.exec(t, `delete from emails`)
		s.server.Clear()
		s.tell(t, tell)
		var told []string
		for _, r := range s.work(t) {
			told = append(told, r.ToAddress)
			if r.State != "sent" || !r.Finished || r.Attempts != 1 || r.Rule == "" {
				t.Errorf("%s: %+v", kind, r)
			}
		}
		if !slices.Equal(told, want[kind]) || len(s.server.Messages()) != len(told) {
			t.Errorf("%s: told %v, want %v; %d mails", kind, told, want[kind], len(s.server.Messages()))
		}
	}
}

func TestWhatDidNotHappenIsToldToNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	changed := errors.New("changed my mind")
	for kind, tell := range s.everything() {
		err := postgres.Transact(t.Context(), s.pool, func(tx postgres.Tx) error {
			if err := tell(t.Context(), tx); err != nil {
				return err
			}
			return changed
		})
		if !errors.Is(err, changed) {
			t.Fatalf("%s: %v", kind, err)
		}
	}
	var jobs int
	if err := s.pool.QueryRow(t.Context(), `select (select count(*) from emails) + (select count(*) from river_job)`).Scan(&jobs); err != nil || jobs != 0 {
		t.Errorf("%d mails and jobs were left, %v", jobs, err)
	}
}

func TestMailThatIsNoLongerRightIsDropped(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const asBefore = `
		delete from emails; delete from mail_choices;
		update contacts set archived_at = null, all_sites = true;
		update contacts set access = 'active', quotes_see = 'all' where id = 1;
		update contacts set access = 'invited', email = 'kim@harbour.example' where id = 2;
		update customers set archived_at = null;
		update links set used_at = null, ended_at = null;
		update jobs set status = 'new';
		update quotes set status = 'sent', main_contact_id = 1;
		update persons set email = 'lee@harbour.example';`
	for _, tt := range []struct {
		kind   Kind
		change string
		reason string
	}{
		{KindWelcome, `update contacts set access = 'suspended' where id = 2`, "suspended"},
		{KindWelcome, `update contacts set access = 'none' where id = 2`, "no access"},
		{KindWelcome, `update contacts set archived_at = now() where id = 2`, "archived"},
		{KindWelcome, `update customers set archived_at = now()`, "archived"},
		{KindWelcome, `update contacts set email = 'other@harbour.example' where id = 2`, "another email address"},
		{KindWelcome, `update links set used_at = now() where id = 1`, "link"},
		{KindWelcome, `update links set ended_at = now() where id = 1`, "link"},
		{KindJobOpened, `update jobs set status = 'cancelled'`, "cancelled"},
		{KindQuoteRequested, `update quotes set status = 'withdrawn'`, "withdrawn"},
		{KindQuoteSent, `update quotes set status = 'withdrawn'`, "withdrawn"},
		{KindQuoteSent, `update contacts set access = 'suspended' where id = 1`, "suspended"},
		{KindQuoteSent, `update contacts set quotes_see = 'none' where id = 1`, "may not see"},
		{KindQuoteSent, `update contacts set all_sites = false where id = 1`, "may not see"},
		{KindQuoteSent, `update quotes set main_contact_id = 2`, "somebody else is the main contact"},
		{KindQuoteSent, `insert into mail_choices (customer_id, contact_id, kind, wanted) values (1, 1, 'quote-sent', false)`, "does not want"},
		{KindPasswordReset, `update links set ended_at = now() where id = 2`, "link"},
		{KindPasswordReset, `update persons set email = 'new@harbour.example'`, "sign-in address"},
		{KindStaffInvited, `update staff set state = 'suspended'`, "no longer has access"},
	} {
		s.exec(t, asBefore)
		s.tell(t, s.everything()[tt.kind])
		s.exec(t, tt.change)
		for _, r := range s.work(t) {
			if r.State != "dropped" || !strings.Contains(r.ServerWords, tt.reason) || !r.Finished {
				t.Errorf("%s after %s: got %+v, want dropped because %q", tt.kind, tt.change, r, tt.reason)
			}
		}
	}
	if n := len(s.server.Messages()); n > 0 {
		t.Errorf("%d mails went out", n)
	}
}

func TestSecretIsErased(t *testing.T) {
	t.Parallel()
	const password = "let-me-look-around"
	for name, tt := range map[string]struct {
		change string
		fault  catcher.Fault
		state  string
	}{
		"once sent":              {state: "sent"},
		"once failed":            {fault: catcher.Refused, state: "failed"},
		"once dropped":           {change: `update contacts set access = 'suspended'`, state: "dropped"},
		"once they have chosen":  {change: `update persons set must_change_password = false`, state: "dropped"},
		"when given up":          {fault: catcher.Temporary, change: `update emails set first_try_at = now() - interval '2 days'`, state: "failed"},
		"when the key is gone":   {change: `update emails set message_id = 'other'`, state: "failed"},
		"but not while retrying": {fault: catcher.Temporary, state: "retrying"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
				return s.notify.Welcome(ctx, tx, Welcome{Contact: lee, Password: password})
			})
			var sealed string
			if err := s.pool.QueryRow(t.Context(), `select e::text || j.args::text from emails e, river_job j`).Scan(&sealed); err != nil || strings.Contains(sealed, password) {
				t.Fatalf("the password lies open: %s, %v", sealed, err)
			}
			s.server.Fault(tt.fault)
			s.exec(t, tt.change)
			r := s.work(t)[0]
			if r.State != tt.state || r.Sealed != (tt.state == "retrying") {
				t.Errorf("got %+v, want %s without the secret", r, tt.state)
			}
			if tt.state == "sent" && !strings.Contains(s.server.Messages()[0].Text, password) {
				t.Error("the mail lacks the password")
			}
		})
	}
}

func TestServerInTrouble(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	tell := s.everything()[KindWelcome]

	s.server.Fault(catcher.Temporary)
	s.tell(t, tell)
	if r := s.work(t)[0]; r.State != "retrying" || r.Attempts != 1 || !r.Again || !strings.Contains(r.ServerWords, "451 4.2.1 "+catcher.TemporaryWords) {
		t.Errorf("temporary: %+v", r)
	}
	s.server.Fault(catcher.HangUp)
	if r := s.work(t)[0]; r.State != "retrying" || r.Attempts != 2 {
		t.Errorf("hung up: %+v", r)
	}
	s.server.Fault(catcher.Fine)
	if r := s.work(t)[0]; r.State != "sent" || r.Attempts != 3 || r.Again || r.ServerWords != "" {
		t.Errorf("fine again: %+v", r)
	}
	got := s.server.Messages()
	if len(got) != 2 || got[0].MessageID != got[1].MessageID || got[0].MessageID == "" {
		t.Errorf("%d mails; the repeat must carry the same Message-ID", len(got))
	}
	if s.work(t); len(s.server.Messages()) != 2 {
		t.Error("a mail that was sent is sent again")
	}

	s.exec(t, `delete from emails`)
	s.server.Fault(catcher.Refused)
	s.tell(t, tell)
	if r := s.work(t)[0]; r.State != "failed" || !strings.Contains(r.ServerWords, "550 5.1.1 "+catcher.RefusedWords) {
		t.Errorf("refused: %+v", r)
	}

	s.exec(t, `delete from emails; delete from link_tokens`)
	s.server.Close()
	s.tell(t, tell)
	if r := s.work(t)[0]; r.State != "retrying" || r.ServerWords == "" {
		t.Errorf("away: %+v", r)
	}
	var tokens int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from link_tokens`).Scan(&tokens); err != nil || tokens != 0 {
		t.Errorf("%d tokens were made for mails that nobody took, %v", tokens, err)
	}
}

// TestMailsOfADeedShareAJob: one of them that the server does not take now is tried
// again by itself, and the others go out.
func TestMailsOfADeedShareAJob(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.worker.Notify = s.notify
	s.tell(t, func(ctx context.Context, tx postgres.Tx) error { return s.notify.JobOpened(ctx, tx, 1) })
	read := func(sql string) (all []deliver) {
		t.Helper()
		rows, err := s.pool.Query(t.Context(), `select args from river_job where kind = 'deliver_email' and `+sql+` order by id`)
		if err != nil {
			t.Fatal(err)
		}
		if all, err = pgx.CollectRows(rows, pgx.RowTo[deliver]); err != nil {
			t.Fatal(err)
		}
		return all
	}
	jobs := read(`true`)
	if len(jobs) != 1 || len(jobs[0].With) != 3 {
		t.Fatalf("jobs of one deed: %+v", jobs)
	}
	s.server.Fault(catcher.Temporary, catcher.Fine)
	if err := s.worker.deliverAll(t.Context(), jobs[0]); err != nil {
		t.Fatal(err)
	}
	again := read(`state = 'scheduled' and scheduled_at > now()`)
	if len(again) != 1 || again[0].Email != jobs[0].Email || again[0].With != nil || len(s.server.Messages()) != 3 {
		t.Errorf("%d mails were sent, and tried again is %+v", len(s.server.Messages()), again)
	}
	if err := s.worker.deliverAll(t.Context(), again[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.worker.deliverAll(t.Context(), jobs[0]); err != nil { // as after a crash
		t.Fatal(err)
	}
	if n := len(s.server.Messages()); n != 4 || len(read(`true`)) != 2 {
		t.Errorf("%d mails were sent by %d jobs", n, len(read(`true`)))
	}
	s.exec(t, `update emails set state = 'waiting', finished_at = null, created_at = now() - interval '1 hour'; delete from river_job where args ? 'with' is false`)
	if err := postgres.Transact(t.Context(), s.pool, s.notify.findLost(t.Context())); err != nil || len(read(`true`)) != 1 {
		t.Errorf("a mail that shares a job has one: %v, %+v", err, read(`true`))
	}
}

func TestPanicWhileWritingIsAFailureLikeOthers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
		return s.notify.ContactAccess(ctx, tx, audit.Actor{Staff: 1}, kim, "panic")
	})
	if r := s.work(t)[0]; r.State != "retrying" || !strings.Contains(r.ServerWords, "log") {
		t.Errorf("got %+v", r)
	}
}

func TestPausesGrowToFourMinutes(t *testing.T) {
	t.Parallel()
	want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 4 * time.Minute, 4 * time.Minute}
	for i, w := range want {
		if got := Pause(i + 1); got != w {
			t.Errorf("after %d tries: %v, want %v", i+1, got, w)
		}
	}
	if Pause(700) != 4*time.Minute {
		t.Error("the pause does not stay at four minutes")
	}
}

// The whole way, through the queue: the transaction commits, a server that is
// busy at first is asked again, and gets the mail.
func TestThroughTheQueue(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.worker.Pause = func(int) time.Duration { return time.Millisecond }
	q, err := queue.New(s.pool, queue.Options{Test: true}, s.worker.Work()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.server.Fault(catcher.Temporary, catcher.HangUp, catcher.Fine)
	s.tell(t, s.everything()[KindWelcome])
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	first, err := s.server.WaitTo(ctx, "kim@harbour.example")
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.server.Wait(ctx, func(m catcher.Message) bool { return m.Number > first.Number })
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if r := s.rows(t)[0]; r.State != "sent" || r.Attempts != 3 || first.MessageID != second.MessageID {
		t.Errorf("got %+v; %s and %s", r, first.MessageID, second.MessageID)
	}
}
