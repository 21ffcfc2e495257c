package email_test

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/address"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	"fieldgate/web/email"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const base = "https://portal.northwind.example"

func business() notify.Business {
	return notify.Business{
		Details: company.Details{
			TradingName: "Northwind Air", RegistrationLabel: "ABN", RegistrationNumber: "51 824 753 556",
			Phone: "02 9555 0100", Email: "office@northwind.example", Website: "https://northwind.example",
			Address:     address.Address{Line1: "12 Compressor Lane", City: "Alexandria", Region: "NSW", Postcode: "2015"},
			BrandColour: "#0f5c8c",
		},
		Format: company.NewFormat("Australia/Sydney", "en-AU", "AUD"),
	}
}

func withLogo(b notify.Business) notify.Business {
	m := image.NewNRGBA(image.Rect(0, 0, 360, 96))
	for y := range 96 {
		for x := range 360 {
			if x < 96 || y > 40 && y < 56 {
				m.Set(x, y, color.NRGBA{R: 15, G: 92, B: 140, A: 255})
			}
		}
	}
	var b64 bytes.Buffer
	_ = png.Encode(&b64, m)
	b.Logo, b.LogoType = b64.Bytes(), "image/png"
	return b
}

var (
	at       = time.Date(2026, 11, 23, 21, 30, 0, 0, time.UTC)
	estimate = int64(125000)
)

// mails are all that the program writes.
var mails = map[string]any{
	"welcome-link":     notify.Invitation{Contact: "Kim Park", Customer: "Harbour Towers", Email: "kim@harbour.example", Token: "TOKEN"},
	"welcome-password": notify.Invitation{Contact: "Kim Park", Customer: "Harbour Towers", Email: "kim@harbour.example", Password: "correct <horse> battery"},
	"welcome-known":    notify.Invitation{Contact: "Sam Reyes", Customer: "Harbour Towers", Email: "sam@both.example", Token: "TOKEN", Known: true},
	"access-invited":   notify.AccessNotice{What: "invited", Contact: "Kim Park", Email: "kim@harbour.example", Customer: "Harbour Towers", CustomerNumber: "C-1001"},
	"access-suspended": notify.AccessNotice{What: "suspended", Contact: "Max Weber", Email: "max@harbour.example", Customer: "Harbour Towers", CustomerNumber: "C-1001"},
	"job": notify.JobNotice{
		Number: "J-1042", Description: "The split system in the lobby drips onto the reception desk.\r\n\r\nPlease come before Friday – visitors from 株式会社 arrive then.", Type: "Repair",
		Customer: "Harbour Towers", CustomerNumber: "C-1001", Site: "Tower One", Contact: "Lee Nguyen", ContactPhone: "0412 345 678", ContactEmail: "lee@harbour.example",
		PurchaseOrder: "PO-7781", PreferredOn: day.New(2026, 11, 26), FromPortal: true, CreatedAt: at, Status: "new",
	},
	"quote": notify.QuoteNotice{
		Number: "Q-1007", Name: "Replace chiller", Description: "Price for replacing the rooftop chiller.", Customer: "Harbour Towers", CustomerNumber: "C-1001",
		Contact: "Lee Nguyen", ContactEmail: "lee@harbour.example", Estimate: &estimate, Currency: "AUD", CreatedAt: at, Status: "requested",
	},
	"quote-sent": notify.PricedQuote{
		Number: "Q-1007", Name: "Replace chiller", Contact: "Lee Nguyen", Site: "Tower One", Total: 4400000, Tax: 400000, Currency: "AUD", ValidUntil: day.New(2026, 12, 24),
	},
	"equipment": notify.EquipmentNotice{
		PublicID: "0123abcd", Number: "AC-17", Name: "Lobby split system", Type: "Air conditioner", Customer: "Harbour Towers", CustomerNumber: "C-1001",
		Site: "Tower One", Location: "Level 1, lobby", Make: "Daikin", Model: "FTXM71W", SerialNumber: "A00931", By: "Lee Nguyen",
	},
	"details": notify.DetailsNotice{Customer: "Harbour Towers", CustomerNumber: "C-1001", Contact: "Lee Nguyen", Changes: []notify.Change{
		{Field: "Phone", Before: "02 9555 0199", After: "02 9555 0200"}, {Field: "Mobile", Before: "", After: "0412 345 678"}, {Field: "Postal address", Before: "PO Box 1, Sydney", After: ""},
	}},
	"reset":            notify.Reset{Email: "kim@harbour.example", Token: "TOKEN"},
	"password-changed": notify.PasswordNotice{Email: "kim@harbour.example", At: at},
	"staff-invited":    notify.StaffLink{Name: "Ben Carter", Email: "ben@northwind.example", Token: "TOKEN"},
	"staff-reset":      notify.StaffLink{Name: "Ben Carter", Email: "ben@northwind.example", Token: "TOKEN", Reset: true},
}

func render(t *testing.T, b notify.Business, content any) notify.Rendered {
	t.Helper()
	r, err := email.New(base+"/").Render(t.Context(), notify.Mail{To: mail.Address{Address: "kim@harbour.example"}, Business: b, Content: content})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMailsAreAsAgreed(t *testing.T) {
	t.Parallel()
	for name, content := range mails {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := render(t, withLogo(business()), content)
			golden(t, name+".html", r.HTML)
			golden(t, name+".txt", "Subject: "+r.Subject+"\n\n"+r.Text)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as agreed; if it should be so, run the test with -update and read the diff. Got:\n%s", name, got)
	}
}

func TestEveryLinkIsAbsoluteAndInBothParts(t *testing.T) {
	t.Parallel()
	for name, content := range mails {
		r := render(t, business(), content)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(r.HTML))
		if err != nil {
			t.Fatal(err)
		}
		doc.Find("a").Each(func(_ int, a *goquery.Selection) {
			href, _ := a.Attr("href")
			ours := strings.HasPrefix(href, base+"/")
			if !ours && !strings.HasPrefix(href, "tel:") && !strings.HasPrefix(href, "mailto:") && href != "https://northwind.example" {
				t.Errorf("%s links to %q", name, href)
			}
			if ours && !strings.Contains(r.Text, href+"\n") {
				t.Errorf("%s: the text lacks %s", name, href)
			}
		})
	}
}

func TestLogo(t *testing.T) {
	t.Parallel()
	content := mails["reset"]
	with := render(t, withLogo(business()), content)
	if len(with.Inline) != 1 || !strings.Contains(with.HTML, `src="cid:`+with.Inline[0].CID+`"`) || !strings.Contains(with.HTML, `alt="Northwind Air"`) {
		t.Error("the logo is not shown inline with the name as its words")
	}
	broken := business()
	broken.Logo, broken.LogoType = []byte("not a picture"), "image/png"
	for _, b := range []notify.Business{business(), broken} {
		without := render(t, b, content)
		if len(without.Inline) != 0 || strings.Contains(without.HTML, "<img") {
			t.Error("a picture is shown that is not there")
		}
	}
}

func TestEnteredTextStaysText(t *testing.T) {
	t.Parallel()
	const evil = `<img src=x onerror=alert(1)>`
	r := render(t, business(), notify.JobNotice{Number: "J-1", Description: evil, Name: evil, Type: evil, Customer: evil, CustomerNumber: evil, Site: evil, Contact: evil})
	if strings.Contains(r.HTML, "<img") {
		t.Error("entered text became markup")
	}
	if b := business(); true {
		b.Website = "javascript:alert(1)"
		if r := render(t, b, mails["reset"]); strings.Contains(r.HTML, `href="javascript:`) {
			t.Error("a script hides behind the website")
		}
	}
}
