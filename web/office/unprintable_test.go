package officeweb_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"testing"

	"fieldgate/web/apptest"
)

// TestLettersThatCannotBePrinted: said on the quote and before it is sent, where
// the installation has no fonts for them; nothing is said of the others.
func TestLettersThatCannotBePrinted(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	app.Exec(`update quotes set status = 'draft', name = 'Łódź משה' where id = (select id from quotes where number = 'Q-1001')`)
	const warning = "These letters cannot be printed"
	if p := ada.Get("/office/quotes/Q-1001"); p.Has(warning) {
		t.Error("said of letters that every installation has")
	}
	app.Exec(`update quotes set name = '屋上 ซ่อม' where number = 'Q-1001'`)
	for _, path := range []string{"/office/quotes/Q-1001", "/office/quotes/Q-1001/sending"} {
		if p := ada.Get(path); !p.Has(warning+": 屋上ซอม") && !p.Has(warning+": 屋上ซ่อม") {
			t.Errorf("%s: %s", path, p.Text("main"))
		}
	}
}

// TestLettersThatAWorkReportCannotPrint: said wherever a job can be completed, and
// once the customer can have the report; of what it prints, and of nothing else.
func TestLettersThatAWorkReportCannotPrint(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	const warning = "These letters cannot be printed"
	app.Exec(`update jobs set description = 'Łódź משה', internal_notes = '屋' where number = 'J-1001'`)
	if p := ben.Get("/office/jobs/J-1001"); p.Has(warning) {
		t.Error("said of letters that every installation has, or of notes that stay here")
	}
	app.Exec(`update jobs set work_undertaken = '屋上' where number = 'J-1002'; update tasks set subject = '屋上' where job_id = 1; update portal_settings set hide_tasks = false`)
	for _, path := range []string{"/office/jobs/J-1002", "/office/jobs/J-1001", "/office/jobs/J-1001/completion", "/office/jobs/J-1001/tasks", "/office/jobs/J-1001/time", "/office/jobs/J-1001/attachments", "/office/jobs/J-1001/messages"} {
		if p := ben.Get(path); p.Status != 200 || !p.Has(warning+": 屋上") {
			t.Errorf("%s: %d %s", path, p.Status, p.Text("main"))
		}
	}
	app.Exec(`update portal_settings set hide_tasks = true`)
	if p := ben.Get("/office/jobs/J-1001"); p.Has(warning) {
		t.Error("said of tasks that the report does not have")
	}
}

// TestAWhiteLogoIsToldOf: whoever uploads one reads what became of it, and sees it.
func TestAWhiteLogoIsToldOf(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	white := image.NewNRGBA(image.Rect(0, 0, 200, 60))
	for x := 20; x < 180; x += 20 {
		draw.Draw(white, image.Rect(x, 20, x+10, 40), image.NewUniform(color.White), image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, white); err != nil {
		t.Fatal(err)
	}
	p := ada.Submit(ada.Get(company), companyForm, nil, apptest.File{Field: "logo", Name: "logo.png", Content: b.Bytes()})
	source, _ := p.Find(`img[alt="The current logo"]`).Attr("src")
	if !p.Has("on a dark background") || source == "" {
		t.Fatalf("%d %s", p.Status, p.Text("main"))
	}
	shown, err := png.Decode(strings.NewReader(ada.Get(source).Body))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, _, a := shown.At(1, 1).RGBA(); a != 0xffff || r > 0x4000 || g > 0x4000 {
		t.Error("it has no dark ground where it is shown")
	}
}
