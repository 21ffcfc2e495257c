package notify

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"fieldgate/internal/postgres"
)

// TestABurstIsToldInFew: what one contact does within the hour makes a bounded
// number of mails to an address, and everything is told once.
func TestABurstIsToldInFew(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.exec(t, `
		insert into persons (email, password_hash) values ('zoe@harbour.example', 'x');
		insert into contacts (customer_id, person_id, name, email, access, quotes_see, jobs_see) values (1, 2, 'Zoe', 'zoe@harbour.example', 'active', 'all', 'all');
		insert into mail_choices (customer_id, contact_id, kind, wanted) values (1, 3, 'everything', true);
		update portal_settings set message_notifications = '{Ada@northwind.example}'`)
	const jobs, messages = 15, 60
	for n := range jobs {
		s.exec(t, fmt.Sprintf(`insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id, main_contact_id) values (1, 'Leak %d.', 1, 'new', 'portal', 1, 1)`, n))
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error { return s.notify.JobOpened(ctx, tx, int64(n+2)) })
	}
	for n := range messages {
		s.exec(t, fmt.Sprintf(`insert into messages (customer_id, job_id, text, contact_id) values (1, 1, 'Word %d.', 1)`, n))
		s.tell(t, func(ctx context.Context, tx postgres.Tx) error { return s.notify.MessageWritten(ctx, tx, int64(n+1)) })
	}
	s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
		return s.notify.DetailsChanged(ctx, tx, 1, lee, []Change{{"Phone", "1", "2"}})
	})
	s.tell(t, func(ctx context.Context, tx postgres.Tx) error {
		return s.notify.DetailsChanged(ctx, tx, 1, lee, []Change{{"Mobile", "3", "4"}})
	})
	// Of a gathered mail the first is no longer worth telling; the others are.
	s.exec(t, fmt.Sprintf(`update jobs set status = 'cancelled' where description = 'Leak %d.'`, loud))
	for _, r := range s.work(t) {
		if r.State != "sent" && r.Kind != string(KindJobReceived) { // of the cancelled job there is no receipt
			t.Errorf("%+v", r)
		}
	}
	sent, text := map[string]int{}, map[string]string{}
	for _, m := range s.server.Messages() {
		to := strings.ToLower(m.To[0].Address)
		sent[to]++
		text[to] += m.Text
	}
	for to, most := range map[string]int{"ada@northwind.example": loud + 3, "ben@northwind.example": loud + 1, "field@northwind.example": loud + 1, "zoe@harbour.example": loud + 1} {
		if sent[to] > most || sent[to] < loud {
			t.Errorf("%d mails to %s", sent[to], to)
		}
	}
	for n := range jobs {
		want := 1
		if n == loud {
			want = 0
		}
		if told := strings.Count(text["ada@northwind.example"], fmt.Sprintf("Leak %d.", n)); told != want {
			t.Errorf("job %d is told %d times", n, told)
		}
	}
	for n := range messages {
		if told := strings.Count(text["ada@northwind.example"], fmt.Sprintf("Word %d.", n)); told != 1 {
			t.Errorf("message %d is told %d times", n, told)
		}
	}
	if !strings.Contains(text["zoe@harbour.example"], fmt.Sprintf("%d more messages", messages-loud-1)) {
		t.Error("the customer's side is not told of the rest")
	}
	for _, field := range []string{"Phone", "Mobile"} {
		if !strings.Contains(text["ada@northwind.example"], field) {
			t.Errorf("%s is not told", field)
		}
	}
}
