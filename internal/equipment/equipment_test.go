package equipment_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/equipment"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

var ben = audit.Actor{Staff: 1, Name: "Ben Whitlock"}

func harbour(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := dbtest.New(t)
	_, err := db.Exec(context.Background(), `
		insert into staff (name, email, role, state) values ('Ben Whitlock', 'ben@demo.test', 'office', 'active');
		insert into customers (name) values ('Harbour Dental'), ('Pelican Point');
		insert into sites (customer_id, name, archived_at) values (1, 'George Street', null), (2, 'Tower', null), (1, 'Old shop', now());`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func add(db *pgxpool.Pool, n equipment.New) (ref equipment.Ref, err error) {
	if n.Name == "" {
		n.Name, n.Type = "Rooftop unit", "Packaged unit"
	}
	err = postgres.Transact(context.Background(), db, func(tx postgres.Tx) (err error) {
		ref, _, err = equipment.Create(context.Background(), tx, ben, n)
		return err
	})
	return ref, err
}

func TestNumbersOfEquipment(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	for _, tt := range []struct {
		name     string
		customer int64
		number   string
		want     string // "" for taken
	}{
		{"the first", 1, "", "E-001"},
		{"the next", 1, "", "E-002"},
		{"another customer begins anew", 2, "", "E-001"},
		{"one of the customer's own", 1, "RTU-7", "RTU-7"},
		{"after a high one", 1, "E-041", "E-041"},
		{"follows the highest", 1, "", "E-042"},
		{"taken", 1, "RTU-7", ""},
		{"taken by another customer only", 2, "RTU-7", "RTU-7"},
	} {
		ref, err := add(db, equipment.New{Customer: tt.customer, Details: equipment.Details{Service: equipment.Service{Number: tt.number}}})
		if tt.want == "" {
			if p, _ := errors.AsType[problem.Set](err); p["number"] == "" {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil || ref.Number != tt.want {
			t.Errorf("%s: %q, %v; want %s", tt.name, ref.Number, err, tt.want)
		}
	}
}

func TestWhatEquipmentNeeds(t *testing.T) {
	t.Parallel()
	db := harbour(t)
	installed := day.New(2026, 3, 1)
	for name, tt := range map[string]struct {
		d     equipment.Description
		field string
	}{
		"a type":                {equipment.Description{Name: "Unit"}, "type"},
		"a site of its own":     {equipment.Description{Name: "Unit", Type: "Fan", Site: 2}, "site"},
		"a site in use":         {equipment.Description{Name: "Unit", Type: "Fan", Site: 3}, "site"},
		"installed first":       {equipment.Description{Name: "Unit", Type: "Fan", InstalledOn: installed, CommissionedOn: installed.AddDays(-1)}, "commissioned_on"},
		"a warranty afterwards": {equipment.Description{Name: "Unit", Type: "Fan", InstalledOn: installed, WarrantyUntil: installed.AddDays(-1)}, "warranty_until"},
	} {
		_, err := add(db, equipment.New{Customer: 1, Details: equipment.Details{Description: tt.d}})
		if p, _ := errors.AsType[problem.Set](err); p[tt.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLifeOfEquipment(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	ref, err := add(db, equipment.New{Customer: 1, Nonce: "once"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := add(db, equipment.New{Customer: 1, Nonce: "once"}); err != nil || again != ref {
		t.Errorf("the same form again made %v, %v", again, err)
	}
	edit := func(version int64, number string) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			return equipment.Edit(ctx, tx, ben, ref.Public, version, equipment.Details{Description: equipment.Description{Name: "Unit", Type: "Fan"}, Service: equipment.Service{Number: number}})
		})
	}
	if err := edit(1, "RTU-1"); err != nil {
		t.Fatal(err)
	}
	if err := edit(1, "RTU-2"); !errors.Is(err, apperr.Stale) {
		t.Errorf("edited twice from one version: %v", err)
	}
	for _, to := range []equipment.Status{equipment.Retired, equipment.Retired, equipment.InUse} {
		if err := postgres.Transact(ctx, db, func(tx postgres.Tx) error { return equipment.SetStatus(ctx, tx, ben, ref.Public, to) }); err != nil {
			t.Fatal(err)
		}
		if item, err := equipment.FindByPublicID(ctx, db, ref.Public); err != nil || item.Status != to {
			t.Errorf("%s: %+v, %v", to, item.Status, err)
		}
	}
	var entries int
	if err := db.QueryRow(ctx, `select count(*) from audit_entries where thing = 'equipment'`).Scan(&entries); err != nil || entries != 4 {
		t.Errorf("%d audit entries, %v; want added, edited, retired, restored", entries, err)
	}
	changes, err := audit.Since(ctx, db, "equipment", ref.ID, 1)
	if err != nil || len(changes) == 0 {
		t.Errorf("changes since: %v, %v", changes, err)
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 11, 22)
	for _, tt := range []struct {
		next   day.Day
		status equipment.Status
		want   equipment.Due
	}{
		{day.Day{}, equipment.InUse, equipment.NotDue},
		{today.AddDays(31), equipment.InUse, equipment.NotDue},
		{today.AddDays(30), equipment.InUse, equipment.Soon},
		{today, equipment.InUse, equipment.Soon},
		{today.AddDays(-1), equipment.InUse, equipment.Overdue},
		{today.AddDays(-1), equipment.Retired, equipment.NotDue},
	} {
		if got := (equipment.Item{NextServiceOn: tt.next, Status: tt.status}).Due(today); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.next, tt.status, got, tt.want)
		}
	}
}

func TestWarranty(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 11, 22)
	for _, tt := range []struct {
		until day.Day
		want  equipment.Warranty
	}{
		{day.Day{}, equipment.NoWarranty},
		{today.AddDays(61), equipment.Covered},
		{today.AddDays(60), equipment.Ending},
		{today, equipment.Ending},
		{today.AddDays(-1), equipment.Ended},
	} {
		if got := (equipment.Item{WarrantyUntil: tt.until}).Warranty(today); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.until, got, tt.want)
		}
	}
}

func TestListOfEquipment(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := harbour(t)
	today := day.New(2026, 11, 22)
	for _, n := range []equipment.New{
		{Customer: 1, Details: equipment.Details{Description: equipment.Description{Name: "Chiller", Type: "Chiller", Site: 1, WarrantyUntil: today.AddDays(30)}, Service: equipment.Service{NextServiceOn: today.AddDays(-1)}}},
		{Customer: 1, Details: equipment.Details{Description: equipment.Description{Name: "Split", Type: "Split", SerialNumber: "SN-77", WarrantyUntil: today.AddDays(-1)}, Service: equipment.Service{NextServiceOn: today.AddDays(29)}}},
		{Customer: 2, Details: equipment.Details{Description: equipment.Description{Name: "Boiler", Type: "Boiler", WarrantyUntil: today.AddDays(365)}, Service: equipment.Service{NextServiceOn: today.AddDays(80)}}},
		{Customer: 2, Details: equipment.Details{Description: equipment.Description{Name: "Attic fan", Type: "Fan"}}},
	} {
		err := postgres.Transact(ctx, db, func(tx postgres.Tx) error {
			ref, _, err := equipment.Create(ctx, tx, ben, n)
			if err == nil && n.Name == "Attic fan" {
				err = equipment.SetStatus(ctx, tx, ben, ref.Public, equipment.Retired)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		address string
		filter  equipment.Filter
		want    string
	}{
		{"", equipment.Filter{}, "Attic fan, Boiler, Chiller, Split"},
		{"sort=service", equipment.Filter{}, "Chiller, Split, Boiler, Attic fan"},
		{"sort=-warranty", equipment.Filter{}, "Attic fan, Boiler, Chiller, Split"},
		{"sort=type", equipment.Filter{Customer: "c-1001"}, "Chiller, Split"},
		{"", equipment.Filter{Customer: "harbour"}, "Chiller, Split"},
		{"", equipment.Filter{Customer: "nobody"}, ""},
		{"q=harbour", equipment.Filter{}, "Split, Chiller"}, // the newest first
		{"q=harbour&sort=name", equipment.Filter{}, "Chiller, Split"},
		{"q=sn-77", equipment.Filter{}, "Split"},
		{"", equipment.Filter{Customer: "C-1001", Site: 1}, "Chiller"},
		{"", equipment.Filter{Type: "Boiler"}, "Boiler"},
		{"", equipment.Filter{Show: equipment.ShowInUse}, "Boiler, Chiller, Split"},
		{"", equipment.Filter{Show: equipment.ShowDue}, "Chiller, Split"},
		{"", equipment.Filter{Show: equipment.ShowRetired}, "Attic fan"},
		{"", equipment.Filter{Planned: equipment.IsOverdue}, "Chiller"},
		{"", equipment.Filter{Planned: equipment.InMonth}, "Split"},
		{"", equipment.Filter{Planned: equipment.InQuarter}, "Boiler, Split"},
		{"", equipment.Filter{Planned: equipment.NotPlanned}, ""},
		{"", equipment.Filter{Warranty: equipment.Ending}, "Chiller"},
		{"", equipment.Filter{Warranty: equipment.Covered}, "Boiler, Chiller"},
		{"", equipment.Filter{Warranty: equipment.Ended}, "Split"},
		{"q=chiller", equipment.Filter{Customer: "C-1001", Show: equipment.ShowDue, Planned: equipment.IsOverdue, Warranty: equipment.Ending, Type: "Chiller"}, "Chiller"},
	} {
		v, _ := url.ParseQuery(tt.address)
		q := equipment.Orders.Read(v)
		tt.filter.Today = today
		page, err := equipment.List(ctx, db, q, tt.filter)
		var names []string
		for _, r := range page.Rows {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, ", "); err != nil || got != tt.want {
			t.Errorf("%q %+v: %q, %v; want %q", tt.address, tt.filter, got, err, tt.want)
		}
		var (
			m      equipment.Matches
			counts map[equipment.Show]int
		)
		if err = postgres.Read(ctx, db, func(b *postgres.Batch) { equipment.QueryMatches(b, &m, q, tt.filter) }); err == nil {
			err = postgres.Read(ctx, db, func(b *postgres.Batch) { equipment.QueryBoard(b, &page, &counts, q, tt.filter, m) })
		}
		if err != nil || counts[tt.filter.Show] != len(names) || len(page.Rows) != len(names) {
			t.Errorf("%q %+v: %d rows, counts %v, %v", tt.address, tt.filter, len(page.Rows), counts, err)
		}
	}
}
