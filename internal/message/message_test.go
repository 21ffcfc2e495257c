package message_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/message"
	"fieldgate/internal/postgres"
)

var (
	ctx = context.Background()
	ben = audit.Actor{Staff: 1, Name: "Ben Whitlock"}
	lee = audit.Actor{Contact: 1, Person: 1, Name: "Lee Nakamura"}

	leak  = message.On{Customer: 1, Job: 1, Number: "J-1001"}
	price = message.On{Customer: 1, Quote: 1, Number: "Q-1001"}
)

// harbour has a job, a quote and three contacts; the last is another customer's.
func harbour(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := dbtest.New(t)
	_, err := db.Exec(ctx, `
		insert into staff (name, email, role, state) values ('Ben Whitlock', 'ben@demo.test', 'office', 'active');
		insert into customers (name) values ('Harbour Dental'), ('Pelican Point');
		insert into contacts (customer_id, name) values (1, 'Lee Nakamura'), (1, 'Kim Osei'), (2, 'Ola Lindgren');
		insert into job_types (name) values ('Repair');
		insert into jobs (customer_id, description, job_type_id, status, origin) values (1, 'Leak in the roof', 1, 'unscheduled', 'office');
		insert into quotes (customer_id, description, currency, status, origin) values (1, 'New unit', 'AUD', 'draft', 'office');`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func write(t *testing.T, db *pgxpool.Pool, by audit.Actor, on message.On, d message.Draft) (ref message.Ref, fresh bool) {
	t.Helper()
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) (err error) {
		ref, fresh, err = message.Write(ctx, tx, by, on, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref, fresh
}

func TestAConversation(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	first, _ := write(t, db, lee, leak, message.Draft{Text: "It drips again.", Nonce: "n"})
	if again, fresh := write(t, db, lee, leak, message.Draft{Text: "It drips again.", Nonce: "n"}); again != first || fresh {
		t.Errorf("the same form again wrote %v", again)
	}
	if _, fresh := write(t, db, ben, leak, message.Draft{Text: "We come tomorrow.", Nonce: "n"}); !fresh {
		t.Error("another's nonce is no repeat")
	}
	write(t, db, ben, leak, message.Draft{Text: "Bring the long ladder.", StaffOnly: true})

	told, err := message.Conversation(ctx, db, leak, 1)
	if err != nil || len(told) != 3 {
		t.Fatal(told, err)
	}
	if m := told[0]; !m.Unread || m.FromStaff || m.Author != "Lee Nakamura" {
		t.Errorf("Lee's: %+v", m)
	}
	if m := told[1]; m.Unread || !m.FromStaff || !m.Mine {
		t.Errorf("Ben's: %+v", m)
	}
	if n, err := message.Count(ctx, db, leak); err != nil || n != (message.Tally{All: 3, Unread: 1}) {
		t.Errorf("counted %+v, %v", n, err)
	}
	ids := []int64{told[0].ID, told[1].ID, told[2].ID}
	err = postgres.Transact(ctx, db, func(tx postgres.Tx) error {
		for _, contact := range []int64{1, 2, 3} {
			if err := message.ReadByContact(ctx, tx, contact, ids); err != nil {
				return err
			}
		}
		return errors.Join(message.ReadByStaff(ctx, tx, leak, 1), message.ReadByStaff(ctx, tx, leak, 1))
	})
	if err != nil {
		t.Fatal(err)
	}
	if told, err = message.Conversation(ctx, db, leak, 1); err != nil {
		t.Fatal(err)
	}
	if m := told[0]; m.Unread || strings.Join(m.ReadBy, ",") != "Ben Whitlock" {
		t.Errorf("Lee's, read: %+v", m)
	}
	if m := told[1]; strings.Join(m.ReadBy, ",") != "Kim Osei,Lee Nakamura" {
		t.Errorf("Ben's, read by the customer and not by another one: %+v", m)
	}
	if m := told[2]; len(m.ReadBy) > 0 {
		t.Errorf("a note was read by a contact: %+v", m)
	}
}

func TestWhatIsNotWritten(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	for _, c := range []struct {
		name string
		by   audit.Actor
		d    message.Draft
		want error
	}{
		{"a contact's staff note", lee, message.Draft{Text: "Note", StaffOnly: true}, apperr.Forbidden{}},
		{"nothing", lee, message.Draft{}, nil},
		{"too much", lee, message.Draft{Text: strings.Repeat("x", 10_001)}, nil},
	} {
		err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			_, _, err := message.Write(ctx, tx, c.by, leak, c.d)
			return err
		})
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	write(t, db, lee, leak, message.Draft{Text: "It drips again."})
	write(t, db, ben, leak, message.Draft{Text: "We come tomorrow."})
	write(t, db, lee, price, message.Draft{Text: "Does that include the wiring?"})
	write(t, db, ben, price, message.Draft{Text: "Ask Fay.", StaffOnly: true})
	for _, c := range []struct {
		name   string
		search string
		f      message.Filter
		want   string
	}{
		{"all", "", message.Filter{}, "Q-1001 J-1001"},
		{"unanswered, whatever staff noted", "", message.Filter{Unanswered: true}, "Q-1001"},
		{"unread", "", message.Filter{Unread: true}, "Q-1001"},
		{"words of an earlier message", "drips", message.Filter{}, "J-1001"},
		{"the job's own words", "roof", message.Filter{}, "J-1001"},
		{"the customer", "harbour", message.Filter{}, "Q-1001 J-1001"},
		{"a note is not found", "fay", message.Filter{}, ""},
	} {
		q := message.Orders.Read(nil)
		q.Search = c.search
		page, err := message.Inbox(ctx, db, q, c.f)
		if err != nil {
			t.Fatal(err)
		}
		n, err := message.InboxCount(ctx, db, q, c.f)
		if err != nil || n != len(page.Rows) {
			t.Errorf("%s: counted %d, %v", c.name, n, err)
		}
		var got []string
		for _, r := range page.Rows {
			got = append(got, r.Number)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, not %s", c.name, got, c.want)
		}
	}
}
