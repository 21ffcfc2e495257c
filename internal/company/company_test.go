package company_test

import (
	"context"
	"errors"
	"path"
	"testing"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

var ada = audit.Actor{Staff: 1, Name: "Ada"}

func TestCompanyDetails(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	good := company.Details{TradingName: "Northwind Air", BrandColour: "#0F5C8C", TimeZone: "Australia/Perth", Currency: "aud", Locale: "en-AU", Website: "northwind.example"}
	edit := func(version int64, d company.Details) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error { return company.Edit(ctx, tx, ada, version, d) })
	}
	for _, tt := range []struct {
		field  string
		change func(*company.Details)
	}{
		{"trading_name", func(d *company.Details) { d.TradingName = "" }},
		{"email", func(d *company.Details) { d.Email = "nobody" }},
		{"website", func(d *company.Details) { d.Website = "javascript://alert.example/%0a" }},
		{"website", func(d *company.Details) { d.Website = "https://user:password@northwind.example" }},
		{"brand_colour", func(d *company.Details) { d.BrandColour = "red" }},
		{"brand_colour", func(d *company.Details) { d.BrandColour = "" }},
		{"brand_colour", func(d *company.Details) { d.BrandColour = "#0f5c8c;}" }},
		{"time_zone", func(d *company.Details) { d.TimeZone = "Sydney" }},
		{"time_zone", func(d *company.Details) { d.TimeZone = "../../etc/passwd" }},
		{"time_zone", func(d *company.Details) { d.TimeZone = "Local" }},
		{"currency", func(d *company.Details) { d.Currency = "XX9" }},
		{"locale", func(d *company.Details) { d.Locale = "tlh" }},
	} {
		d := good
		tt.change(&d)
		p, _ := errors.AsType[problem.Set](edit(1, d))
		if p[tt.field] == "" {
			t.Errorf("%s: %v", tt.field, p)
		}
	}
	if err := edit(1, good); err != nil {
		t.Fatal(err)
	}
	if err := edit(1, good); !errors.Is(err, apperr.Stale) {
		t.Errorf("edit conflict: %v", err)
	}
	c, err := company.Read(ctx, db)
	if err != nil || c.Version != 2 || c.BrandColour != "#0f5c8c" || c.Website != "https://northwind.example" || c.Currency != "AUD" {
		t.Errorf("%+v, %v", c, err)
	}
	var zones []string
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { company.QueryZones(b, &zones) }); err != nil || len(zones) < 300 {
		t.Errorf("%d zones, %v", len(zones), err)
	}
}

func TestPictures(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	var first, second string
	err := postgres.Transact(ctx, db, func(tx postgres.Tx) (err error) {
		if first, err = company.SetLogo(ctx, tx, ada, company.Picture{Key: "a", Type: "image/png"}); err != nil {
			return err
		}
		if _, err = company.SetBanner(ctx, tx, ada, company.Picture{Key: "b", Type: "image/jpeg"}); err != nil {
			return err
		}
		second, err = company.SetLogo(ctx, tx, ada, company.Picture{})
		return err
	})
	if err != nil || first != "" || second != "a" {
		t.Errorf("unused: %q, %q, %v", first, second, err)
	}
	c, err := company.Read(ctx, db)
	if err != nil || c.LogoKey != "" || c.BannerKey != "b" || c.Version != 4 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestTaxRates(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	do := func(f func(tx postgres.Tx) error) error { return postgres.Transact(ctx, db, f) }
	for _, tt := range []struct {
		name, percent, field string
	}{
		{"VAT", "20", ""},
		{"Reduced", "12,5 %", ""},
		{"Exact", "0.125", ""},
		{"VAT", "20.000", "rate_name"},
		{"", "5", "rate_name"},
		{"Much", "100.001", "rate_percent"},
		{"Less", "-1", "rate_percent"},
		{"Huge", "1e999999999", "rate_percent"},
		{"Odd", "ten", "rate_percent"},
		{"None", "", "rate_percent"},
		{"Fine", "1.2345", "rate_percent"},
		{"Dots", "1.2.3", "rate_percent"},
	} {
		err := do(func(tx postgres.Tx) error {
			return company.AddTaxRate(ctx, tx, ada, company.TypedRate{Name: tt.name, Percent: tt.percent})
		})
		p, _ := errors.AsType[problem.Set](err)
		if tt.field == "" && err != nil || tt.field != "" && p[tt.field] == "" {
			t.Errorf("%s %q: %v", tt.name, tt.percent, err)
		}
	}
	rates, err := company.TaxRates(ctx, db)
	if err != nil || len(rates) != 5 || !rates[0].Standard || rates[0].Name != "GST" {
		t.Fatalf("%+v, %v", rates, err)
	}
	gst, vat := rates[0].ID, rates[4].ID
	if _, ok := errors.AsType[apperr.Conflict](do(func(tx postgres.Tx) error { return company.SetTaxRateActive(ctx, tx, ada, gst, false) })); !ok {
		t.Error("the standard rate could be taken away")
	}
	err = do(func(tx postgres.Tx) error {
		if err := company.SetStandardTaxRate(ctx, tx, ada, vat); err != nil {
			return err
		}
		return company.SetTaxRateActive(ctx, tx, ada, gst, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	if rates, err = company.TaxRates(ctx, db); err != nil || rates[0].ID != vat || !rates[0].Standard || rates[4].ID != gst || rates[4].Active {
		t.Errorf("%+v, %v", rates, err)
	}
	if err := do(func(tx postgres.Tx) error { return company.SetStandardTaxRate(ctx, tx, ada, 99) }); !errors.Is(err, apperr.NotFound) {
		t.Error(err)
	}
}

// TestToday: pages and statements know the same day of the business.
func TestToday(t *testing.T) {
	t.Parallel()
	dbtest.InZones(t, func(t *testing.T) {
		tx, err := dbtest.New(t).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
		var (
			today day.Day
			now   time.Time
		)
		if err := tx.QueryRow(t.Context(), `select business_day(), now()`).Scan(&today, &now); err != nil {
			t.Fatal(err)
		}
		c, err := company.Read(t.Context(), tx)
		if err != nil {
			t.Fatal(err)
		}
		if f := c.Format(); f.Today() != today || !f.Now.Equal(now) || t.Name() != "TestToday/"+path.Base(f.Zone().String()) {
			t.Errorf("%s: %v on %v, the database says %v on %v", f.Zone(), f.Now, f.Today(), now, today)
		}
	})
}
