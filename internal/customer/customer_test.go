package customer_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/customer"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

var ben = audit.Actor{Staff: 2, Name: "Ben"}

func create(t *testing.T, db *pgxpool.Pool, n customer.New) string {
	t.Helper()
	var ref customer.Ref
	err := postgres.Transact(context.Background(), db, func(tx postgres.Tx) (err error) {
		ref, _, err = customer.Create(context.Background(), tx, ben, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ref.Number
}

func TestWhatACustomerNeeds(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	for _, tt := range []struct {
		name    string
		details customer.Details
		field   string // "" when nothing is wrong
	}{
		{"a name is enough", customer.Details{Name: "Harbour Dental"}, ""},
		{"any script", customer.Details{Name: "شركة الميناء", Notes: "日本語"}, ""},
		{"no name", customer.Details{}, "name"},
		{"name too long", customer.Details{Name: strings.Repeat("é", 201)}, "name"},
		{"longest name", customer.Details{Name: strings.Repeat("é", 200)}, ""},
		{"bad email", customer.Details{Name: "a", Email: "harbour"}, "email"},
		{"address line too long", customer.Details{Name: "a", Postal: address.Address{Line2: strings.Repeat("x", 201)}}, "postal_line2"},
		{"notes too long", customer.Details{Name: "a", Notes: strings.Repeat("x", 10001)}, "notes"},
		{"manager nobody knows", customer.Details{Name: "a", AccountManager: 999}, "account_manager"},
	} {
		err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			_, _, err := customer.Create(ctx, tx, ben, customer.New{Details: tt.details})
			return err
		})
		p, _ := errors.AsType[problem.Set](err)
		if tt.field == "" && err != nil || tt.field != "" && p[tt.field] == "" {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestOneFormMakesOneCustomer(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	n := customer.New{Details: customer.Details{Name: "Harbour Dental"}, Nonce: "n1"}
	if first, second := create(t, db, n), create(t, db, n); first != second || first != "C-1001" {
		t.Errorf("%s, then %s", first, second)
	}
}

func TestEditConflicts(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	number := create(t, db, customer.New{Details: customer.Details{Name: "Harbour Dental"}})
	edit := func(version int64, d customer.Details) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error { return customer.Edit(ctx, tx, ben, number, version, d) })
	}
	if err := edit(1, customer.Details{Name: "Harbour Dental Group", Phone: "02 9555 0100"}); err != nil {
		t.Fatal(err)
	}
	if err := edit(1, customer.Details{Name: "Mine"}); !errors.Is(err, apperr.Stale) {
		t.Errorf("an edit of what was there before: %v", err)
	}
	c, err := customer.FindByNumber(ctx, db, number)
	if err != nil || c.Name != "Harbour Dental Group" || c.Version != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	changes, err := audit.Since(ctx, db, "customer", c.ID, 1)
	if err != nil || len(changes) != 2 || changes[0].Field != "name" || changes[1].Field != "phone" || string(changes[1].After) != `"02 9555 0100"` || changes[1].By != "Ben" {
		t.Errorf("what changed meanwhile: %+v, %v", changes, err)
	}
	if err := edit(2, customer.Details{}); err == nil {
		t.Error("the name could be taken away")
	}
	if _, err := customer.FindByNumber(ctx, db, "C-9"); !errors.Is(err, apperr.NotFound) {
		t.Error(err)
	}
}

func TestListOfCustomers(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	var manager int64
	if err := db.QueryRow(ctx, `insert into staff (name, role) values ('Tom', 'field') returning id`).Scan(&manager); err != nil {
		t.Fatal(err)
	}
	harbour := create(t, db, customer.New{Details: customer.Details{Name: "Harbour Dental", Phone: "0412 345 678"}})
	create(t, db, customer.New{Details: customer.Details{
		Name: "Élan Cafés", CompanyName: "EC Group", Mobile: "+61 2 9300 1111", OnHold: true, CustomerType: "Hospitality", AccountManager: manager, Street: address.Address{City: "Bondi"},
	}})
	zoo := create(t, db, customer.New{Details: customer.Details{Name: "Zoo"}})
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, `insert into contacts (customer_id, name, email, phone, access) select id, 'Lee Wong', 'lee@demo.test', '(02) 9955 0100', 'invited' from customers where number = $1`, harbour); err != nil {
			return err
		}
		return customer.Archive(ctx, tx, ben, zoo)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		address string
		filter  customer.Filter
		want    string
	}{
		{"", customer.Filter{}, "Élan Cafés, Harbour Dental"}, // accents sort with their letters
		{"sort=-name", customer.Filter{}, "Harbour Dental, Élan Cafés"},
		{"sort=number", customer.Filter{}, "Harbour Dental, Élan Cafés"},
		{"q=C-1001", customer.Filter{}, "Harbour Dental"},
		{"q=lee", customer.Filter{}, "Harbour Dental"}, // by the name of a contact
		{"q=lee@demo.test", customer.Filter{}, "Harbour Dental"},
		{"q=0412345678", customer.Filter{}, "Harbour Dental"},
		{"q=0412+34", customer.Filter{}, "Harbour Dental"},
		{"q=(04)+1234-5678", customer.Filter{}, "Harbour Dental"}, // grouped otherwise
		{"q=0299", customer.Filter{}, "Harbour Dental"},           // the telephone of a contact
		{"q=(02)+9300+1111", customer.Filter{}, "Élan Cafés"},     // entered with the country's code
		{"q=9300", customer.Filter{}, "Élan Cafés"},
		{"q=0000", customer.Filter{}, ""},
		{"q=elan", customer.Filter{}, "Élan Cafés"},
		{"q=group", customer.Filter{}, "Élan Cafés"}, // by the company's name
		{"q=bondi", customer.Filter{}, "Élan Cafés"}, // by the address
		{"q=zoo", customer.Filter{}, ""},
		{"", customer.Filter{Show: customer.OnHold}, "Élan Cafés"},
		{"", customer.Filter{Show: customer.Archived}, "Zoo"},
		{"", customer.Filter{Portal: customer.Access}, "Harbour Dental"},
		{"", customer.Filter{Portal: customer.NoAccess}, "Élan Cafés"},
		{"", customer.Filter{Type: "Hospitality"}, "Élan Cafés"},
		{"", customer.Filter{Type: "hospital"}, ""},
		{"", customer.Filter{Manager: customer.Nobody}, "Harbour Dental"},
		{"", customer.Filter{Manager: manager}, "Élan Cafés"},
		{"q=cafes", customer.Filter{Show: customer.OnHold, Portal: customer.NoAccess, Type: "Hospitality", Manager: manager}, "Élan Cafés"},
	} {
		v, _ := url.ParseQuery(tt.address)
		q := customer.Orders.Read(v)
		page, err := customer.List(ctx, db, q, tt.filter)
		var names []string
		for _, r := range page.Rows {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, ", "); err != nil || got != tt.want {
			t.Errorf("%q %+v: %q, %v; want %q", tt.address, tt.filter, got, err, tt.want)
		}
		if all, err := customer.Records(ctx, db, q, tt.filter); err != nil || len(all.Rows) != len(names) {
			t.Errorf("%q %+v: %d records, %v", tt.address, tt.filter, len(all.Rows), err)
		}
	}
	var (
		counts map[customer.Show]int
		types  []string
		tally  customer.Tally
	)
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		counts = customer.QueryList(b, new(list.Page[customer.Row]), customer.Orders.Read(url.Values{}), customer.Filter{Type: "Hospitality"})
		customer.QueryTypes(b, &types)
		customer.QueryTally(b, &tally, harbour)
	})
	if err != nil || counts[customer.All] != 1 || counts[customer.OnHold] != 1 || counts[customer.Archived] != 0 {
		t.Errorf("%v, %v", counts, err)
	}
	if len(types) != 1 {
		t.Error(types)
	}
	if tally != (customer.Tally{Contacts: 1}) {
		t.Errorf("%+v", tally)
	}
}
