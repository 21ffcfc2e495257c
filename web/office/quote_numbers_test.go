package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// What a number may mean is asked at its field, in one press each, and nothing
// else that was typed is lost.
func TestWhatANumberMeansIsAsked(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	edit := ben.Get("/office/quotes/Q-1003/edit")
	typed := url.Values{"line-0-description": {"Clean ducts"}, "line-0-quantity": {"1,5"}, "line-0-price": {"2.000"}, "inclusions": {"All filters"}}
	asked := ben.Submit(edit, form, typed)
	if asked.Status != 422 || asked.Problem("line-0-price") != "Did you mean 2,000.00 or 2.00?" {
		t.Fatalf("%d: %q", asked.Status, asked.Problem("line-0-price"))
	}
	var choices []string
	for i := range asked.Find(`[name="meant"]`).Length() {
		choices = append(choices, asked.Find(`[name="meant"]`).Eq(i).AttrOr("value", ""))
	}
	if strings.Join(choices, " ") != "line-0-price=2000.00 line-0-price=2.00" {
		t.Errorf("to press on: %q", choices)
	}
	if asked.Find("#line-0-description").Text() != "Clean ducts" || asked.Find("#inclusions").Text() != "All filters" || asked.Find("#line-0-quantity").AttrOr("value", "") != "1,5" {
		t.Errorf("kept: %s", asked.Text("form"))
	}
	if p := ben.Post("/office/quotes/totals", url.Values{"line-0-description": {"x"}, "line-0-quantity": {"1"}, "line-0-price": {"2.000"}, "line-0-tax": {"10 GST"}}); !p.Has("Did you mean 2,000.00 or 2.00?") {
		t.Errorf("while it is typed: %s", p.Text("body"))
	}
	saved := ben.Submit(asked, form, url.Values{"meant": {choices[0]}})
	if saved.URL.Path != "/office/quotes/Q-1003" || !saved.Has("$3,000.00") || !saved.Has("All filters") {
		t.Errorf("%d at %s: %s", saved.Status, saved.URL, saved.Text("main"))
	}
	thousands := ben.Submit(ben.Get("/office/quotes/Q-1003/edit"), form, url.Values{"line-0-quantity": {"1"}, "line-0-price": {"2k"}})
	if !thousands.Has("$2,000.00") {
		t.Errorf("2k: %s", thousands.Text("main"))
	}
}

// Quebec: two taxes on a line, set up by hand, priced, read in the portal and on paper.
func TestTwoTaxesOnALine(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update company set locale = 'en-CA'`)
	ada, ben, lee := app.As("ada"), app.As("ben"), app.As("lee")
	rates := company + "/tax-rates"
	for name, bad := range map[string]url.Values{
		"second_name":    {"rate_name": {"GST"}, "rate_percent": {"5"}, "second_percent": {"9,975"}},
		"second_percent": {"rate_name": {"GST"}, "rate_percent": {"5"}, "second_name": {"QST"}, "second_percent": {"0"}},
	} {
		if p := ada.Post(rates, bad); p.Status != 422 || p.Problem(name) == "" || p.Find("#rate_name").AttrOr("value", "") != "GST" {
			t.Errorf("%s: %d %s", name, p.Status, p.Text(".field__problem"))
		}
	}
	if p := ada.Post(rates, url.Values{"rate_name": {"GST"}, "rate_percent": {"5"}, "second_name": {"QST"}, "second_percent": {"9,975 %"}}); !p.Has("GST + QST was added.") {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	both := url.Values{"line-0-description": {"Screws"}, "line-0-quantity": {"1000"}, "line-0-price": {"0.1234"}, "line-0-tax": {"5 GST + 9.975 QST"}, "valid_until": {"2099-01-31"}}
	edit := ben.Get("/office/quotes/Q-1003/edit")
	if !edit.Has("GST 5% + QST 9.975%") {
		t.Errorf("offered: %s", edit.Text("#line-0-tax"))
	}
	for path, p := range map[string]apptest.Page{"totals": ben.Post("/office/quotes/totals", both), "saved": ben.Submit(edit, form, both)} {
		for _, words := range []string{"$123.40", "GST 5%", "$6.17", "QST 9.975%", "$12.31", "$141.88"} {
			if !p.Has(words) {
				t.Errorf("%s without %s: %s", path, words, p.Text("body"))
			}
		}
	}
	if again := ben.Get("/office/quotes/Q-1003/edit"); again.Find("#line-0-price").AttrOr("value", "") != "0.1234" || again.Find("#line-0-tax option[selected]").AttrOr("value", "") != "5 GST + 9.975 QST" {
		t.Errorf("to edit: %s", again.Text("#line-rows"))
	}
	ben.Submit(ben.Get("/office/quotes/Q-1003/sending"), form, nil)
	if p := lee.Get("/quotes/Q-1003"); !p.Has("$0.1234") || !p.Has("GST 5% + QST 9.975%") || !p.Has("$12.31") || !p.Has("$141.88") {
		t.Errorf("in the portal: %s", p.Text("main"))
	}
	if p := lee.Get("/quotes/Q-1003/pdf"); p.Status != 200 {
		t.Errorf("on paper: %d", p.Status)
	}
}
