package officeweb_test

import (
	"net/http"
	"net/url"
	"testing"

	"fieldgate/web/apptest"
)

// A frame, picture or part of a page that is loaded while a form is saved does not
// take away what the next page has to say.
func TestWhatIsLeftToSayIsForPages(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	if res := ada.Press("/office/admin/company/tax-rates", url.Values{"rate_name": {"Half"}, "rate_percent": {"5"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	}
	for _, dest := range []string{"iframe", "image"} {
		if p := ada.Ask("GET", "/office/admin/company/preview/pages", "Sec-Fetch-Dest", dest); p.Status != http.StatusOK {
			t.Error(p.Status)
		}
	}
	if p := ada.Ask("GET", "/office/admin/company/preview/colour?brand_colour=%23b3261e", "Sec-Fetch-Dest", "empty"); p.Status != http.StatusOK {
		t.Error(p.Status)
	}
	if p := ada.Ask("GET", "/office/admin/company", "Sec-Fetch-Dest", "document"); p.Text(".flash") == "" {
		t.Error("nothing is said")
	}
	if p := ada.Get("/office/admin/company"); p.Text(".flash") != "" {
		t.Error("it is said twice")
	}
	// A form that a script has sent is followed to its page, which says it.
	if res := ada.Press("/office/admin/company/tax-rates", url.Values{"rate_name": {"Third"}, "rate_percent": {"6"}}); res.StatusCode != http.StatusSeeOther {
		t.Fatal(res.StatusCode)
	} else if p := ada.Ask("GET", res.Header.Get("Location"), "Sec-Fetch-Dest", "empty"); p.Text(".flash") == "" {
		t.Error("a script is told nothing")
	}
}
