package portalweb_test

import (
	"net/url"
	"testing"

	"fieldgate/web/apptest"
)

// Estimates as customers type them: understood and said, or asked, never guessed.
func TestEstimatesAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := app.As("lee")
	for typed, want := range map[string]string{"2k": "$2,000.00", "10K": "$10,000.00", "5 grand": "$5,000.00", "$1,250": "$1,250.00", "1.250,00": "$1,250.00"} {
		if p := lee.Post("/quotes/estimate?currency=AUD", url.Values{"price_estimate": {typed}}); p.Status != 200 || !p.Has("= "+want) {
			t.Errorf("while %q is typed: %d %s", typed, p.Status, p.Text("body"))
		}
		if p := lee.Submit(lee.Get("/quotes/new"), "form.form", url.Values{"description": {"Fan"}, "site": {"1"}, "price_estimate": {typed}}); p.Status != 200 || !p.Has(want) {
			t.Errorf("%q: %d %s", typed, p.Status, p.Text("main"))
		}
	}
	typed := url.Values{"description": {"Duct cleaning"}, "price_estimate": {"12.500"}, "purchase_order": {"PO 7"}, "site": {"2"}}
	asked := lee.Submit(lee.Get("/quotes/new"), "form.form", typed)
	if asked.Status != 422 || asked.Problem("price_estimate") != "Did you mean 12,500.00 or 12.50?" || asked.Find("#description").Text() != "Duct cleaning" || asked.Find("#purchase_order").AttrOr("value", "") != "PO 7" {
		t.Fatalf("%d: %s", asked.Status, asked.Text("form"))
	}
	choice := asked.Find(`button[name="meant"]`).First()
	if p := lee.Submit(asked, "form.form", url.Values{"meant": {choice.AttrOr("value", "")}}); choice.Text() != "12,500.00" || !p.Has("$12,500.00") || !p.Has("Pitt Street") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	if p := lee.Submit(lee.Get("/quotes/new"), "form.form", url.Values{"description": {"Fan"}, "price_estimate": {"a lot"}}); p.Status != 422 || p.Problem("price_estimate") != "Enter an amount, such as 1,500, 1,250.50 or 2k." {
		t.Errorf("%d: %s", p.Status, p.Problem("price_estimate"))
	}
}

// In South Africa one types what one is shown.
func TestEstimateIsTypedAsItIsShown(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update company set locale = 'en-ZA', currency = 'ZAR'`)
	lee := app.As("lee")
	p := lee.Submit(lee.Get("/quotes/new"), "form.form", url.Values{"description": {"Fan"}, "site": {"1"}, "price_estimate": {"R1 234,56"}})
	const shown = "R1 234,56" // as Has reads it: with a plain space
	if p.Status != 200 || !p.Has(shown) {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	edit := lee.Get(p.URL.Path + "/edit")
	if got := edit.Find("#price_estimate").AttrOr("value", ""); got != "1234,56" {
		t.Errorf("to edit: %q", got)
	}
	for _, typed := range []string{"1234,56", "R1\u00a0234,56"} {
		if p := lee.Submit(lee.Get(p.URL.Path+"/edit"), "form.form", url.Values{"price_estimate": {typed}}); p.Status != 200 || !p.Has(shown) {
			t.Errorf("%q: %d: %s", typed, p.Status, p.Text("main"))
		}
	}
}
