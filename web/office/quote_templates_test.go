package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

const templates = "/office/admin/quote-templates"

// Administrators keep templates and saved lines, the office writes quotes with them.
func TestQuoteTemplates(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`delete from quote_templates; delete from saved_lines`)
	ada, ben := app.As("ada"), app.As("ben")
	for _, path := range []string{templates, templates + "/new", "/office/admin/saved-lines/new"} {
		if p := ben.Get(path); p.Status != 403 {
			t.Errorf("%s for the office: %d", path, p.Status)
		}
	}
	if p := ada.Get(templates); !p.Has("No templates yet") || !p.Has("No saved lines yet") {
		t.Errorf("without any: %s", p.Text("main"))
	}
	if p := ben.Get("/office/quotes/new?customer=C-1001"); p.Has("Start from a template") || p.Has("Saved line") {
		t.Errorf("nothing is offered yet: %s", p.Text("form"))
	}

	// A saved line.
	line := ada.Get("/office/admin/saved-lines/new")
	if p := ada.Submit(line, form, url.Values{"code": {""}, "unit_price": {"2.000"}}); p.Status != 422 || p.Problem("code") == "" || p.Problem("description") == "" || p.Problem("unit_price") != "Did you mean 2,000.00 or 2.00?" {
		t.Errorf("%d %s", p.Status, p.Text(".field__problem"))
	}
	if p := ada.Submit(line, form, url.Values{"code": {"CALLOUT"}, "description": {"Call-out, first hour"}, "unit_price": {"120"}}); !p.Has("CALLOUT was added") || !p.Has("$120.00") {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(ada.Get("/office/admin/saved-lines/new"), form, url.Values{"code": {"callout"}, "description": {"x"}, "unit_price": {"1"}}); p.Problem("code") == "" {
		t.Errorf("the same code: %s", p.Text("main"))
	}

	// A template of a quote.
	made := ada.Get("/office/quotes/Q-1002")
	if !made.Has("Save as template") || ben.Get("/office/quotes/Q-1002").Has("Save as template") {
		t.Errorf("who may: %s", made.Text("main"))
	}
	saved := ada.Submit(ada.Get(templates+"/new?quote=Q-1002"), form, url.Values{"name": {"Standard split"}, "inclusions": {"Removal"}, "description": {"Fit a split system"}})
	if !saved.Has("Standard split was added") {
		t.Fatalf("%d %s", saved.Status, saved.Text("main"))
	}
	if p := ada.Submit(ada.Get(templates+"/new"), form, url.Values{"name": {"standard SPLIT"}}); p.Problem("name") == "" {
		t.Errorf("the same name: %s", p.Text("main"))
	}
	for q, want := range map[string]string{"split": "Standard split", "call-out": "CALLOUT", "zebra": "No template has these words"} {
		if p := ada.Get(templates + "?q=" + q); !p.Has(want) {
			t.Errorf("search for %s: %s", q, p.Text("main"))
		}
	}

	// A quote that begins with it, and has the saved line put in; what was typed stays.
	fresh := ben.Get("/office/quotes/new?customer=C-1001")
	option := fresh.Find("#template option").Last().AttrOr("value", "")
	begun := ben.Submit(fresh, form, url.Values{"arrange": {"template"}, "template": {option}, "internal_notes": {"Rush"}})
	if begun.Status != 200 || begun.Find("#name").AttrOr("value", "") != "Standard split" || begun.Text("#description") != "Fit a split system" || begun.Text("#inclusions") != "Removal" || begun.Text("#internal_notes") != "Rush" {
		t.Fatalf("%d %s", begun.Status, begun.Text("form"))
	}
	if begun.Find("#line-0-price").AttrOr("value", "") == "" {
		t.Errorf("no lines: %s", begun.Text("#line-rows"))
	}
	if p := ben.Submit(begun, form, url.Values{"arrange": {"saved"}, "saved_line": {"zebra"}}); p.Status != 422 || p.Problem("saved_line") == "" || p.Find("#saved_line").AttrOr("value", "") != "zebra" {
		t.Errorf("unknown: %d %s", p.Status, p.Text("#lines"))
	}
	rows := begun.Find("#line-rows fieldset").Length() - 3 // the empty ones
	for how, fields := range map[string]url.Values{"code": {"arrange": {"saved"}, "saved_line": {"callout"}}, "choice": {"arrange": {"saved"}, "saved_line": {"CALLOUT – Call-out, first hour"}}, "Enter": {"saved_line": {"first hour"}}} {
		p := ben.Submit(begun, form, fields)
		at := "#line-" + string(rune('0'+rows))
		if p.Text(at+"-description") != "Call-out, first hour" || p.Find(at+"-price").AttrOr("value", "") != "120.00" || p.Find(at+"-tax option[selected]").AttrOr("value", "") != "10 GST" {
			t.Errorf("by %s: %d %s", how, p.Status, p.Text("#line-rows"))
		}
		if how == "code" {
			if quote := ben.Submit(p, form, url.Values{"saved_line": {""}}); !quote.Has("Call-out, first hour") || !quote.Has("Fit a split system") {
				t.Errorf("saved: %d %s", quote.Status, quote.Text("main"))
			}
		}
	}

	// Archived ones are not offered; what somebody else changed is said.
	list := ada.Get(templates)
	edit := ada.Get(list.Find(`main a[href^="`+templates+`/"]`).Last().AttrOr("href", ""))
	stale := edit
	if p := ada.Submit(edit, form, url.Values{"active": {}}); !p.Has("Archived") {
		t.Errorf("archived: %d %s", p.Status, p.Text("main"))
	}
	if p := ada.Submit(stale, form, url.Values{"inclusions": {"Mine"}}); p.Status != 409 || p.Text("#inclusions") != "Mine" {
		t.Errorf("stale: %d %s", p.Status, p.Text("main"))
	}
	if p := ben.Get("/office/quotes/new?customer=C-1001"); p.Has("Standard split") {
		t.Error("an archived template is offered")
	}
	if p := ben.Submit(fresh, form, url.Values{"arrange": {"template"}, "template": {option}}); p.Status != 422 && !strings.Contains(p.Text("form"), "not offered any more") {
		t.Errorf("an archived template: %d", p.Status)
	}
	if p := ada.Get("/office/admin/activity"); !p.Has("quote template") || !p.Has("saved line") {
		t.Errorf("trail: %s", p.Text("main"))
	}
}
