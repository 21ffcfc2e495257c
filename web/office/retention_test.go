package officeweb_test

import (
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/attachment"
	"fieldgate/internal/postgres"
	"fieldgate/web/apptest"
)

func TestRetention(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const path = "/office/admin/retention"
	open := ada.Get(path)
	for field, want := range map[string]string{"email_copies": "730", "attempts": "90", "removed_files": "30", "activity": ""} {
		if got := open.Find(`input[name="`+field+`"]`).AttrOr("value", ""); got != want {
			t.Errorf("%s: %q", field, got)
		}
	}
	for _, kind := range []string{"Copies of emails", "Sign-ins", "Removed files", "Activity", "Messages", "The whole database takes"} {
		if !open.Has(kind) {
			t.Errorf("no %s", kind)
		}
	}
	for field, wrong := range map[string]string{"email_copies": "0", "attempts": "", "removed_files": "soon", "activity": "300"} {
		if p := ada.Submit(open, form, url.Values{field: {wrong}}); p.Status != 422 || p.Problem(field) == "" || p.Find(`input[name="`+field+`"]`).AttrOr("value", "") != wrong {
			t.Errorf("%s %q: %d %q", field, wrong, p.Status, p.Problem(field))
		}
	}
	if p := ada.Submit(open, form, url.Values{"removed_files": {"60"}, "activity": {"1825"}}); p.Status != 200 || !p.Has("deleted within a day") {
		t.Errorf("%d: %s", p.Status, p.Text("main"))
	}
	conflict := ada.Submit(open, form, url.Values{"attempts": {"30"}})
	if conflict.Status != 409 || !conflict.Has("Activity") || !conflict.Has("1825") {
		t.Errorf("an old form: %d: %s", conflict.Status, conflict.Text("[role=alert]"))
	}
	if p := app.As("ben").Get(path); p.Status != 403 {
		t.Errorf("not an Administrator: %d", p.Status)
	}
	// What lets evidence go asks for the password of a browser left open.
	app.Exec(`update sessions set created_at = now() - interval '16 minutes'`)
	asked := ada.Submit(ada.Get(path), form, url.Values{"activity": {"365"}})
	if !strings.Contains(asked.Body, `name="proof"`) || apptest.Value[int](app, `select activity from retention`) != 1825 {
		t.Errorf("without a proof: %d at %s", asked.Status, asked.URL)
	}
	for _, p := range []string{"/office/customers/C-1001/contacts/1/erasure", "/office/customers/C-1001/contacts/1/data"} {
		if asked := ada.Submit(ada.Get(p), form, url.Values{"name": {"Lee Nakamura"}}); !strings.Contains(asked.Body, `name="proof"`) {
			t.Errorf("%s without a proof: %d", p, asked.Status)
		}
	}
	if n := apptest.Value[int](app, `select count(*) from contacts where erased_at is not null`); n != 0 {
		t.Error("erased without a proof")
	}
	// A removed file counts as long as it is kept.
	app.Exec(`update attachments set removed_at = now() - interval '45 days', size = 1000000000 where customer_id = 1`)
	used := func() int64 {
		var taken attachment.Usage
		err := postgres.Read(t.Context(), app.Pool, func(b *postgres.Batch) { attachment.QueryUsageOf(b, &taken, 1) })
		if err != nil {
			t.Fatal(err)
		}
		return taken.Used
	}
	kept := used()
	app.Exec(`update retention set removed_files = 30`)
	if gone := used(); kept-gone < 1_000_000_000 {
		t.Errorf("kept %d, then %d", kept, gone)
	}
}
