package message_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
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

func write(t *testing.T, db *pgxpool.Pool, by audit.Actor, on message.On, n message.New) (ref message.Ref, created bool) {
	t.Helper()
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) (err error) {
		n.On = on
		ref, created, err = message.Create(ctx, tx, by, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref, created
}

func TestAConversation(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	first, _ := write(t, db, lee, leak, message.New{Text: "It drips again.", Nonce: "n"})
	if again, created := write(t, db, lee, leak, message.New{Text: "It drips again.", Nonce: "n"}); again != first || created {
		t.Errorf("the same form again wrote %v", again)
	}
	if _, created := write(t, db, ben, leak, message.New{Text: "We come tomorrow.", Nonce: "n"}); !created {
		t.Error("another's nonce is no repeat")
	}
	write(t, db, ben, leak, message.New{Text: "Bring the long ladder.", StaffOnly: true})

	all, err := message.Conversation(ctx, db, leak, 1)
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	if m := all[0]; !m.Unread || m.FromStaff || m.Author != "Lee Nakamura" {
		t.Errorf("Lee's: %+v", m)
	}
	if m := all[1]; m.Unread || !m.FromStaff || !m.Mine {
		t.Errorf("Ben's: %+v", m)
	}
	if n, err := message.Count(ctx, db, leak); err != nil || n != (message.Tally{All: 3, Unread: 1}) {
		t.Errorf("counted %+v, %v", n, err)
	}
	ids := []int64{all[0].ID, all[1].ID, all[2].ID}
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
	if all, err = message.Conversation(ctx, db, leak, 1); err != nil {
		t.Fatal(err)
	}
	if m := all[0]; m.Unread || strings.Join(m.ReadBy, ",") != "Ben Whitlock" {
		t.Errorf("Lee's, read: %+v", m)
	}
	if m := all[1]; strings.Join(m.ReadBy, ",") != "Kim Osei,Lee Nakamura" {
		t.Errorf("Ben's, read by the customer and not by another one: %+v", m)
	}
	if m := all[2]; len(m.ReadBy) > 0 {
		t.Errorf("a note was read by a contact: %+v", m)
	}
}

func TestWhatIsNotWritten(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	for _, c := range []struct {
		name string
		by   audit.Actor
		n    message.New
		want error
	}{
		{"a contact's staff note", lee, message.New{Text: "Note", StaffOnly: true}, apperr.Forbidden{}},
		{"nothing", lee, message.New{}, nil},
		{"too much", lee, message.New{Text: strings.Repeat("x", 10_001)}, nil},
	} {
		err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			c.n.On = leak
			_, _, err := message.Create(ctx, tx, c.by, c.n)
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
	write(t, db, lee, leak, message.New{Text: "It drips again."})
	write(t, db, ben, leak, message.New{Text: "We come tomorrow."})
	write(t, db, lee, price, message.New{Text: "Does that include the wiring?"})
	write(t, db, ben, price, message.New{Text: "Ask Fay.", StaffOnly: true})
	for _, c := range []struct {
		name   string
		search string
		show   message.Show
		want   string
	}{
		{"all", "", message.ShowAll, "Q-1001 J-1001"},
		{"unanswered, whatever staff noted", "", message.ShowUnanswered, "Q-1001"},
		{"unread", "", message.ShowUnread, "Q-1001"},
		{"words of an earlier message", "drips", message.ShowAll, "J-1001"},
		{"the job's own words", "roof", message.ShowAll, "J-1001"},
		{"the customer", "harbour", message.ShowAll, "Q-1001 J-1001"},
		{"a note is not found", "fay", message.ShowAll, ""},
	} {
		q := message.Orders.Read(nil)
		q.Search = c.search
		page, err := message.Inbox(ctx, db, q, c.show)
		if err != nil {
			t.Fatal(err)
		}
		if q.Found, err = list.Look(ctx, db, q.Search, message.Words); err != nil {
			t.Fatal(err)
		}
		var counts map[message.Show]int
		err = postgres.Read(ctx, db, func(b *postgres.Batch) { counts = message.QueryInbox(b, &page, q, c.show) })
		if err != nil || counts[c.show] != len(page.Rows) {
			t.Errorf("%s: counted %d, %v", c.name, counts[c.show], err)
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

// A conversation is found by its words as they are now, wherever they stand; of
// several words one message, or the job, has all.
func TestAConversationIsFoundByItsWords(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	write(t, db, lee, leak, message.New{Text: "It drips again."})
	write(t, db, ben, leak, message.New{Text: "We come tomorrow."})
	write(t, db, ben, leak, message.New{Text: "Bring the ladder.", StaffOnly: true})
	write(t, db, lee, price, message.New{Text: "Does that include the wiring?"})
	for _, step := range []struct{ change, typed, want string }{
		{"", "drips", "J-1001"},
		{"", "again drips", "J-1001"},
		{"", "drips tomorrow", ""},
		{"", "drips roof", ""},
		{"", "ladder", ""},
		{"", "harbour", "Q-1001 J-1001"},
		{"update jobs set description = 'Leak in the cellar' where id = 1", "cellar", "J-1001"},
		{"", "roof", ""},
		{"update quotes set name = 'Heat pump'", "pump", "Q-1001"},
		{"insert into sites (customer_id, name) values (1, 'Wharf'); update jobs set site_id = 1", "wharf", "J-1001"},
		{"update sites set name = 'Marina'", "marina", "J-1001"},
		{"insert into messages (customer_id, job_id, text, staff_id, at) values (1, 1, 'Brought from elsewhere', 1, now() - interval '1 year')", "elsewhere", "J-1001"},
		{"update messages set conversation_words = null", "drips", "J-1001"},
		{"", "again drips", "J-1001"},
		{"", "tomorrow drips", ""},
		{"update jobs set name = 'Pipe'", "pipe", "J-1001"},
		{"delete from messages where text = 'Brought from elsewhere'", "elsewhere", ""},
		{"insert into messages (customer_id, job_id, text, contact_id) select 1, 1, string_agg(md5(i::text), ' ') || ' walrus', 1 from generate_series(1, 300) i, generate_series(1, 25) n group by n", "walrus", "J-1001"},
		{"", "pipe", "J-1001"},
	} {
		if step.change != "" {
			if _, err := db.Exec(ctx, step.change); err != nil {
				t.Fatal(step.change, err)
			}
		}
		q := message.Orders.Read(nil)
		q.Search = step.typed
		page, err := message.Inbox(ctx, db, q, message.ShowAll)
		var got []string
		for _, r := range page.Rows {
			got = append(got, r.Number)
		}
		if err != nil || strings.Join(got, " ") != step.want {
			t.Errorf("%s: %q finds %v, want %s: %v", step.change, step.typed, got, step.want, err)
		}
	}
	// What others say is no change of a message.
	var before, after string
	const changed = `select string_agg(updated_at::text, ' ' order by id) from messages where quote_id = 1`
	for _, into := range []*string{&before, &after} {
		if err := db.QueryRow(ctx, changed).Scan(into); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(ctx, `update quotes set name = 'Air conditioner'`); err != nil {
			t.Fatal(err)
		}
	}
	if before != after {
		t.Errorf("changed at %s, then %s", before, after)
	}
}

// However a search of the inbox finds its conversations, by the newest, by the
// index of words or both, it finds the same ones, in their order.
func TestAllWaysOfSearchingTheInboxFindTheSame(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	for _, sql := range []string{
		`insert into jobs (customer_id, description, job_type_id, status, origin, created_at)
			select 1 + n % 2, concat_ws(' ', 'job', case when n % 3 = 0 then 'many' end, case when n % 40 = 1 then 'some' end, case when n = 7 then 'seldom' end), 1, 'unscheduled', 'office', now() - interval '1 year' from generate_series(1, 3000) n`,
		`insert into messages (customer_id, job_id, text, contact_id, at)
			select j.customer_id, j.id, concat_ws(' ', 'hello', case when j.id % 5 = m.n then 'many' end, case when j.id % 60 = m.n then 'some' end, case when j.id % 700 = m.n then 'seldom' end), case j.customer_id when 1 then 1 else 3 end,
				now() - (j.id * 1499 % 3001 + m.n) * interval '1 minute' from jobs j, generate_series(0, 1) m (n) order by j.id, m.n`,
		`update messages set conversation_words = null where id % 11 = 0`,
		`analyze`,
	} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	for _, typed := range []string{"many", "some", "seldom", "nothing", "many some", "hello many", "hello job", "pelican", "J-10"} {
		for _, show := range message.Shows {
			q := message.Orders.Read(nil)
			q.Search = typed
			rows, err := db.Query(ctx, `select coalesce(j.number, q.number) from messages m left join jobs j on j.id = m.job_id left join quotes q on q.id = m.quote_id
				where m.newest and (not $2 or m.unanswered) and (ts_match_vq(coalesce(j.search, q.search), search_query($1)) or m.customer_id in (select id from customers where ts_match_vq(search_vector(number, name, company_name), search_query($1)))
					or exists (select from messages w where (w.job_id = m.job_id or w.quote_id = m.quote_id) and not w.staff_only and ts_match_vq(w.search, search_query($1)))) order by m.at desc, m.id desc`, typed, show != message.ShowAll)
			if err != nil {
				t.Fatal(err)
			}
			want, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for pages := 0; pages < 100; pages++ {
				page, err := message.Inbox(ctx, db, q, show)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Rows {
					got = append(got, r.Number)
				}
				if q.After = page.Next; page.Next == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q, %q: %d conversations, want %d", typed, show, len(got), len(want))
			}
		}
	}
}
