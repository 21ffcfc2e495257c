package officeweb_test

import (
	"strings"
	"testing"

	"fieldgate/internal/mail/catcher"
	"fieldgate/web/apptest"
)

// The office is told who changed somebody's access: one of its own, or a contact
// who looks after them.
func TestTheOfficeReadsWhoChangedAccess(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	told := func(subject string) string {
		t.Helper()
		m, err := app.Mail.Wait(t.Context(), func(m catcher.Message) bool {
			return m.IsTo("people@northwind.test") && strings.Contains(m.Subject, subject)
		})
		if err != nil {
			t.Fatalf("no mail %q: %v", subject, err)
		}
		return m.Text
	}
	ben, lee := app.As("ben"), app.As("lee")
	if p := lee.Post("/details/colleagues/2/suspension", nil); p.Status != 200 {
		t.Fatal(p.Status)
	}
	if text := told("Kim Tran was suspended"); !strings.Contains(text, "Suspended by: Lee Nakamura of Harbour Dental") {
		t.Errorf("by a contact: %s", text)
	}
	if p := ben.Post("/office/customers/C-1001/contacts/2/restoration", nil); p.Status != 200 {
		t.Fatal(p.Status)
	}
	if text := told("Kim Tran was restored"); !strings.Contains(text, "Restored by: Ben Whitlock") {
		t.Errorf("by the office: %s", text)
	}
	app.Mail.Clear()
	app.Exec(`update contacts set access = 'none', person_id = null where id = 2`)
	if p := ben.Submit(ben.Get("/office/customers/C-1001/contacts/2/edit?access=give"), "main form", nil); p.Status != 200 {
		t.Fatalf("%d: %s", p.Status, p.Text("main"))
	}
	if text := told("Kim Tran was invited"); !strings.Contains(text, "Invited by: Ben Whitlock") {
		t.Errorf("invited: %s", text)
	}
}
