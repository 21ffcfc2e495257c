package office

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/access"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/notify"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/queue"
	"fieldgate/internal/secret"
	"fieldgate/internal/staff"
)

var ben = staff.Viewer{Staff: 1, Name: "Ben", Business: "Northwind Air"}

// newOffice is the Service of a business with the customer C-1001 and its
// manager of contacts, Lee.
func newOffice(t *testing.T) (*Service, *pgxpool.Pool) {
	t.Helper()
	db := dbtest.New(t)
	q, err := queue.NewClient(db)
	if err != nil {
		t.Fatal(err)
	}
	box, err := secret.NewBox(strings.Repeat("k", 32))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), `
		update portal_settings set contact_notifications = '{ada@northwind.example}';
		insert into staff (name, email, role, state) values ('Ben', 'ben@northwind.example', 'office', 'active');
		insert into customers (number, name) values ('C-1001', 'Harbour Towers');
		insert into persons (email) values ('lee@harbour.example');
		insert into contacts (customer_id, person_id, name, email, access, company_edit, contacts_manage) values (1, 1, 'Lee', 'lee@harbour.example', 'active', true, true)`)
	if err != nil {
		t.Fatal(err)
	}
	return New(db, notify.New(q, box), nil, q, password.NewHasher(), notify.Worker{}), db
}

// A contact's access from the first invitation to the archive: each deed is one
// call, whoever makes it.
func TestAccessOfAContact(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, db := newOffice(t)
	see, _ := contact.PresetPermissions("see-all")

	kim := contact.New{Details: contact.Details{Name: "Kim"}, Permissions: see, Nonce: "kim"}
	if _, _, err := s.CreateContact(ctx, ben, "C-1001", kim, &GiveAccess{SetPassword: true, Password: "harbour"}); problemAt(err, "email") == "" || problemAt(err, "password") == "" {
		t.Errorf("without an address, with a poor password: %v", err)
	}
	kim.Email = "kim@harbour.example"
	saved, created, err := s.CreateContact(ctx, ben, "C-1001", kim, &GiveAccess{})
	if err != nil || !created || !saved.Given || saved.PassOn.Token == "" {
		t.Fatalf("created: %+v, %v, %v", saved, created, err)
	}
	if again, created, err := s.CreateContact(ctx, ben, "C-1001", kim, &GiveAccess{}); err != nil || created || again.ID != saved.ID || again.PassOn != (access.PassOn{}) {
		t.Errorf("sent twice: %+v, %v, %v", again, created, err)
	}
	row := func() contact.Row {
		c, err := contact.FindRow(ctx, db, "C-1001", saved.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if _, _, sent, err := s.InviteAgain(ctx, ben, "C-1001", saved.ID, "another press", true); err != nil || sent {
		t.Errorf("pressed twice: %v, %v", sent, err)
	}
	if _, pass, sent, err := s.InviteAgain(ctx, ben, "C-1001", saved.ID, contact.InvitationKey(row().InvitedAt), true); err != nil || !sent || pass.Token != "" {
		t.Errorf("again, by mail: %+v, %v, %v", pass, sent, err)
	}

	c := row()
	c.Email = "kim.tran@harbour.example"
	edited, err := s.EditContact(ctx, ben, "C-1001", saved.ID, c.Version, contact.Change{Details: c.Details, Permissions: c.Permissions}, nil)
	if err != nil || !edited.Invited || edited.Given {
		t.Errorf("another address: %+v, %v", edited, err)
	}
	if _, err := s.EditContact(ctx, ben, "C-1001", saved.ID, c.Version, contact.Change{Details: c.Details, Permissions: c.Permissions}, nil); !errors.Is(err, apperr.Stale) {
		t.Errorf("saved meanwhile: %v", err)
	}

	// Whoever suspended a contact is kept, whatever came before.
	lee := audit.Actor{Contact: 1, Name: "Lee"}
	err = postgres.Transact(ctx, db, func(tx postgres.Tx) error {
		_, err := access.Suspend(ctx, tx, s.notify, lee, 1, saved.ID)
		return err
	})
	if c := row(); err != nil || c.Access != contact.Suspended || c.SuspendedByOffice() {
		t.Errorf("suspended by Lee: %s, by the office %v, %v", c.Access, c.SuspendedByOffice(), err)
	}
	if _, changed, err := s.RestoreAccess(ctx, ben, "C-1001", saved.ID); err != nil || !changed || row().Access != contact.Invited {
		t.Errorf("restored: %v, %v", changed, err)
	}
	if _, changed, err := s.SuspendContact(ctx, ben, "C-1001", saved.ID); err != nil || !changed || !row().SuspendedByOffice() {
		t.Errorf("suspended by the office: %v, %v", changed, err)
	}
	if _, changed, err := s.SuspendContact(ctx, ben, "C-1001", saved.ID); err != nil || changed {
		t.Errorf("suspended twice: %v, %v", changed, err)
	}
	if _, err := s.ArchiveContact(ctx, ben, "C-1001", saved.ID); err != nil || !row().Archived() {
		t.Errorf("archived: %v", err)
	}
	if _, err := s.ArchiveContact(ctx, ben, "C-1002", saved.ID); !errors.Is(err, apperr.NotFound) {
		t.Errorf("a contact of another customer: %v", err)
	}

	var welcomes, told, open, counted, old int
	err = db.QueryRow(ctx, `select (select count(*) from emails where kind = 'welcome' and contact_id is not null), (select count(*) from emails where to_address = 'ada@northwind.example'),
		(select count(*) from links where used_at is null and ended_at is null), (select count(*) from contact_invitations),
		(select count(*) from emails where kind = 'contact-email-changed' and to_address = 'kim@harbour.example')`).Scan(&welcomes, &told, &open, &counted, &old)
	// By mail: again, the other address, restored. Told: three invitations, two suspensions, one restoration.
	if err != nil || welcomes != 3 || told != 6 || open != 0 || counted != 0 || old != 1 {
		t.Errorf("%d welcomes, %d told, %d links open, %d invitations by contacts, %d told at the old address, %v", welcomes, told, open, counted, old, err)
	}
}

func problemAt(err error, field string) string {
	set, _ := errors.AsType[problem.Set](err)
	return set[field]
}
