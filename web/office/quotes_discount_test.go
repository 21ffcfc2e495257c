package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// A discount is typed, added up while it is, and read with its minus by everybody.
func TestDiscountOnAQuote(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update quotes set price_estimate = 250000 where number = 'Q-1003'`)
	ben, lee := app.As("ben"), app.As("lee")
	edit := ben.Get("/office/quotes/Q-1003/edit")
	added := ben.Submit(edit, form, url.Values{"arrange": {"discount"}})
	row := added.Find(`#line-rows select[name$="-discount"]`).AttrOr("name", "")
	if row == "" || added.Find("[autofocus]").AttrOr("name", "") != strings.Replace(row, "-discount", "-price", 1) {
		t.Fatalf("%d: %s", added.Status, added.Text("#line-rows"))
	}
	typed := url.Values{
		"line-0-section": {"Roof"}, "line-1-description": {"Ducts"}, "line-1-quantity": {"2"}, "line-1-price": {"1000"}, "line-1-tax": {"10 GST"},
		"line-2-description": {"Less"}, "line-2-discount": {"percent"}, "line-2-price": {"10"}, "line-2-of": {""},
		"line-3-section": {"Cellar"}, "line-4-description": {"Pump"}, "line-4-quantity": {"1"}, "line-4-price": {"300"}, "line-4-tax": {"0 No tax"},
		"line-5-description": {"Loyalty"}, "line-5-discount": {"amount"}, "line-5-price": {"100"}, "line-5-of": {"whole"},
		"valid_until": {"2099-01-31"}, "description": {"Clean"}, "version": {edit.Find("[name=version]").AttrOr("value", "")}, "main_contact": {"1"},
	}
	app.Exec(`insert into tax_rates (name, percent) values ('No tax', 0)`)
	totals := ben.Post("/office/quotes/Q-1003/totals", typed)
	// 1,800.00 at 10 % and 300.00 without tax: 100.00 off are 85.71 and 14.29.
	for _, words := range []string{"−$200.00", "$1,800.00", "−$100.00", "$2,000.00", "$171.43", "$2,171.43", "Customer’s estimate: $2,500.00 — yours is $328.57 below, with tax"} {
		if !totals.Has(words) {
			t.Errorf("while typed, without %q: %s", words, totals.Text("body"))
		}
	}
	for field, value := range map[string]string{"line-5-price": "2100.01", "line-2-price": "100.5"} {
		wrong := url.Values{}
		for k, v := range typed {
			wrong[k] = v
		}
		wrong.Set(field, value)
		if p := ben.Post("/office/quotes/Q-1003/edit", wrong); p.Status != 422 || p.Problem(field) == "" || p.Find("#"+field).AttrOr("value", "") != value {
			t.Errorf("%s %s: %d %s", field, value, p.Status, p.Text(".field__problem"))
		}
	}
	saved := ben.Post("/office/quotes/Q-1003/edit", typed)
	again := ben.Get("/office/quotes/Q-1003/edit")
	if again.Find("#line-2-price").AttrOr("value", "") != "10" || again.Find("#line-5-of option[selected]").AttrOr("value", "") != "whole" {
		t.Errorf("to edit: %s", again.Text("#line-rows"))
	}
	ben.Submit(ben.Get("/office/quotes/Q-1003/sending"), form, nil)
	for who, p := range map[string]apptest.Page{"office": saved, "portal": lee.Get("/quotes/Q-1003"), "version": ben.Get("/office/quotes/Q-1003/versions/1")} {
		for _, words := range []string{"−$200.00", "Off the whole quote", "10%", "−$100.00", "$171.43", "$2,171.43"} {
			if !p.Has(words) {
				t.Errorf("%s without %q: %d %s", who, words, p.Status, p.Text("main"))
			}
		}
	}
}
