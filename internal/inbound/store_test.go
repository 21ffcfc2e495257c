package inbound_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/inbound"
	"fieldgate/internal/postgres"
)

const kept = `
insert into customers (name) values ('Harbour'), ('Pelican');
insert into contacts (customer_id, name, email) values (1, 'Lee', 'lee@harbour.example'), (2, 'Lee', 'twice@pelican.example'), (1, 'Lee', 'twice@pelican.example');
insert into inbound_emails (digest, came_by, from_name, from_address, subject, text, raw_key, state, done_at, at, customer_id, contact_id) values
	('old and waiting', 'imap', 'Pat', 'pat@other.example', 's', 'words', 'a', 'waiting', null, now() - interval '800 days', null, null),
	('old and ignored', 'imap', 'Pat', 'pat@other.example', 's', 'words', 'b', 'ignored', now(), now() - interval '800 days', null, null),
	('new and ignored', 'imap', 'Pat', 'pat@other.example', 's', 'words', 'c', 'ignored', now(), now(), null, null),
	('of Lee', 'imap', 'Lee', 'lee@elsewhere.example', 's', 'words', 'd', 'waiting', null, now(), 1, 1),
	('from Lee', 'imap', 'Lee', 'Lee@Harbour.example', 's', 'words', 'e', 'waiting', null, now(), null, null);
insert into blocked_senders (address) values ('lee@harbour.example'), ('spam@evil.example');`

// What is old goes, unless somebody waits for it; who is erased stands in no email.
func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), kept, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	text := func(sql string) (s string) {
		if err := db.QueryRow(t.Context(), sql).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	if n, err := inbound.Forget(t.Context(), db); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	if got := text(`select string_agg(raw_key, '' order by id) from inbound_emails`); got != "acde" {
		t.Errorf("kept are %q", got)
	}
	err := postgres.Transact(t.Context(), db, func(tx postgres.Tx) error {
		return inbound.Erase(t.Context(), tx, 1, []string{"lee@harbour.example"}, "Former contact")
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := text(`select string_agg(state || ' ' || from_name || ' ' || from_address || ' ' || text || ' ' || raw_key, ', ' order by id) from inbound_emails where id > 3`); got != "ignored Former contact   , ignored Former contact   " {
		t.Errorf("of who was erased there is %q", got)
	}
	if got := text(`select string_agg(address, ' ') from blocked_senders`); got != "spam@evil.example" {
		t.Errorf("blocked are %q", got)
	}
}

// Whose email it seems to be is guessed only when it can be one contact's.
func TestGuess(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	if _, err := db.Exec(t.Context(), kept, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]inbound.About{
		"LEE@harbour.example":   {Customer: 1, Contact: 1},
		"twice@pelican.example": {},
		"nobody@other.example":  {},
		"":                      {},
	} {
		got, err := inbound.Guess(t.Context(), db, inbound.Email{From: inbound.Address{Address: address}})
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", address, got, err)
		}
	}
}
