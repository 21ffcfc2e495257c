package customer_test

import (
	"context"
	"errors"
	"testing"

	"fieldgate/internal/customer"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
)

func TestCustomersWhoMayBeThereAlready(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	create(t, db, customer.New{Details: customer.Details{Name: "Harbour Dental Group", CompanyName: "HDG Holdings Pty Ltd", Phone: "(02) 5550 7788", Email: "office@harbour.example"}})
	create(t, db, customer.New{Details: customer.Details{Name: "Müller & Söhne GmbH"}})
	create(t, db, customer.New{Details: customer.Details{Name: "Pelican"}})
	create(t, db, customer.New{Details: customer.Details{Name: "Archived Dental"}})
	if _, err := db.Exec(ctx, `update customers set archived_at = now() where name like 'Archived%'; insert into contacts (customer_id, name, email) values (3, 'Ola', 'ola@pelican.example')`); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		new  customer.Details
		like string // the customer's number, "" for none
		by   customer.Likened
	}{
		{"the same name", customer.Details{Name: "Harbour Dental Group"}, "C-1001", customer.ByName},
		{"in small letters", customer.Details{Name: "harbour dental group"}, "C-1001", customer.ByName},
		{"with what it is in law", customer.Details{Name: "The Harbour Dental Group Pty Ltd"}, "C-1001", customer.ByName},
		{"less of it", customer.Details{Name: "Harbour Dental"}, "C-1001", customer.ByName},
		{"more of it", customer.Details{Name: "Harbour Dental Group Sydney"}, "C-1001", customer.ByName},
		{"the company's name", customer.Details{Name: "Something", CompanyName: "HDG Holdings"}, "C-1001", customer.ByName},
		{"the company's name as its own", customer.Details{Name: "HDG Holdings"}, "C-1001", customer.ByName},
		{"without accents", customer.Details{Name: "Muller Sohne"}, "C-1002", customer.ByName},
		{"the same telephone", customer.Details{Name: "Somebody", Mobile: "02 5550 7788"}, "C-1001", customer.ByPhone},
		{"the same email", customer.Details{Name: "Somebody", Email: "Office@Harbour.example"}, "C-1001", customer.ByEmail},
		{"a contact's email", customer.Details{Name: "Somebody", Email: "ola@pelican.example"}, "C-1003", customer.ByEmail},
		{"one word of several", customer.Details{Name: "Harbour Bakery"}, "", ""},
		{"one word that another begins with", customer.Details{Name: "Harbour"}, "", ""},
		{"the beginning of a word", customer.Details{Name: "Peli"}, "", ""},
		{"a name within another", customer.Details{Name: "Pelican Point"}, "", ""},
		{"a short number", customer.Details{Name: "Somebody", Phone: "0255"}, "", ""},
		{"one that is archived", customer.Details{Name: "Archived Dental"}, "", ""},
		{"no letters", customer.Details{Name: "---"}, "", ""},
	} {
		rollback := errors.New("only asked")
		err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			if _, _, err := customer.Create(ctx, tx, ben, customer.New{Details: tt.new}); err != nil {
				return err
			}
			if _, _, err := customer.Create(ctx, tx, ben, customer.New{Details: tt.new, Different: true}); err != nil {
				t.Errorf("%s: another one is refused: %v", tt.name, err)
			}
			return rollback
		})
		alike, found := errors.AsType[customer.Alike](err)
		if !found && !errors.Is(err, rollback) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if found != (tt.like != "") || (found && (alike[0].Number != tt.like || alike[0].By != tt.by)) {
			t.Errorf("%s: %+v", tt.name, alike)
		}
	}
}

// A form sent twice finds the customer that it has made, not one like it.
func TestTheSameFormIsNotAlike(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	n := customer.New{Details: customer.Details{Name: "Harbour Dental"}, Nonce: "one form"}
	if one, again := create(t, db, n), create(t, db, n); one != again {
		t.Errorf("%s and %s", one, again)
	}
}
