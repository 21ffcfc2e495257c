package officeweb_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"fieldgate/internal/export"
	"fieldgate/internal/importing/importingtest"
	"fieldgate/web/apptest"
)

const imports = "/office/admin/import"

// stands waits until an import is in a state.
func stands(app *apptest.App, id int, state string) {
	for range 1000 {
		if apptest.Value[bool](app, `select exists (select from imports where id = $1 and state = $2) or pg_sleep(0.03)::text is null`, id, state) {
			return
		}
	}
	apptest.Value[struct{}](app, fmt.Sprintf("select 'import %d is not %s'", id, state))
}

// An owner sends a workbook, sees what it is and what becomes of it, imports
// it, sends what was refused once more, and undoes the first.
func TestImportFromSendingToUndoing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	book := importingtest.Workbook(t,
		importingtest.Sheet{Name: "Customers", Lines: []string{"Customer Name|Billing Customer|Suburb|Email Address|Notes", "Tidewater Dental||Fremantle|lena@tidewater.example|", "Quokka Cafe||Rottnest|no address|", "Tidewater Cottesloe|Tidewater Dental|Cottesloe||"}},
		importingtest.Sheet{Name: "Contacts", Lines: []string{"Customer Name|First Name|Last Name|Email Address", "Tidewater Dental|Lena|Marsh|lena@tidewater.example", "Tidewater Dental|Tom|Birch|lena@tidewater.example"}})
	if p := ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "list.pdf", Content: []byte("%PDF-1.7")}); p.Status != 422 || !strings.Contains(p.Find("#file-problem").Text(), "This is a PDF") {
		t.Errorf("a PDF: %d %q", p.Status, p.Find("#file-problem").Text())
	}
	p := ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "customers.xlsx", Content: book})
	stands(app, 2, "read")
	p = ada.Get(p.URL.Path)
	if words := p.Find("main").Text(); !strings.Contains(words, "Ascora: customers and sites") || !strings.Contains(words, "Ascora: contacts") {
		t.Errorf("not recognised: %s", words)
	}
	if p := ada.Get(p.URL.Path + "/columns"); p.Find("select[name='column-0-0'] option[selected]").AttrOr("value", "") != "customers.name" || !strings.Contains(p.Find("main").Text(), "lena@tidewater.example") {
		t.Error("the columns are not offered with their samples")
	}
	ada.Submit(p, "form[action$='/check']", nil)
	stands(app, 2, "checked")
	p = ada.Get(p.URL.Path)
	for _, words := range []string{"row\u00a03", "“Email Address”: Enter an email address", "Contacts with the same email address", "choose on the page of the import"} {
		if !strings.Contains(p.Find("main").Text(), words) {
			t.Errorf("the check does not say %q: %s", words, p.Find("main").Text())
		}
	}
	ada.Submit(p, "form[action$='/contacts']", url.Values{"twins": {"apart"}})
	stands(app, 2, "checked")
	p = ada.Get(p.URL.Path)
	ada.Submit(p, "form[action$='/run']", nil)
	stands(app, 2, "done")
	if got := apptest.Value[string](app, `select string_agg(c.name || ' ' || c.email, ', ' order by c.id) from contacts c join customers u on u.id = c.customer_id where u.name = 'Tidewater Dental'`); got != "Lena Marsh lena@tidewater.example, Tom Birch " {
		t.Errorf("contacts: %s", got)
	}
	if n := apptest.Value[int](app, `select count(*) from emails`); n != 0 {
		t.Errorf("%d emails", n)
	}
	refused := ada.Get(p.URL.Path + "/refused")
	if refused.Status != 200 || !strings.HasPrefix(refused.Body, "PK") {
		t.Fatalf("the refused rows: %d", refused.Status)
	}
	if name := refused.Header.Get("Content-Disposition"); !strings.Contains(name, `"customers-refused.xlsx"`) { // what a file is called may say what its rows are
		t.Errorf("the refused rows are called %s", name)
	}
	ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "refused.xlsx", Content: []byte(refused.Body)})
	stands(app, 3, "read")
	second := ada.Get(imports + "/3")
	ada.Submit(second, "form[action$='/check']", nil)
	stands(app, 3, "checked")
	if words := ada.Get(imports + "/3").Find("main").Text(); !strings.Contains(words, "Quokka Cafe") || strings.Contains(words, "Tidewater Dental") {
		t.Errorf("the refused rows sent again: %s", words)
	}
	ada.Submit(ada.Get(imports+"/2"), "form[action$='/undo']", nil)
	stands(app, 2, "undone")
	if n := apptest.Value[int](app, `select count(*) from customers where name = 'Tidewater Dental'`); n != 0 {
		t.Error("it is still there")
	}
	if p := app.As("ben").Get(imports); p.Status != 403 {
		t.Errorf("Ben may import: %d", p.Status)
	}
}

// A file of what another system keeps says so before it is checked, and what to do:
// say that it comes from there, or that it is kept here.
func TestImportOfWhatIsKeptElsewhere(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update keepers set source = 'm8', label = 'ServiceM8' where kind = 'customers'`)
	ada := app.As("ada")
	file := apptest.File{Field: "file", Name: "customers.csv", Content: []byte("Customer name,Phone\nTidewater Dental,1\n")}
	at := ada.Submit(ada.Get(imports), "form[enctype]", nil, file).URL.Path
	const says = "ServiceM8 keeps customers, so this file changes nothing there"
	stands(app, 2, "read")
	p := ada.Get(at)
	if !p.Has(says) || p.Find(".notice a[href='"+at+"/columns#source']").Length() != 1 || p.Find(".notice a[href='/office/admin/keepers']").Length() != 1 {
		t.Errorf("before it is checked: %s", p.Text("main"))
	}
	ada.Submit(p, "form[action$='/check']", nil)
	stands(app, 2, "checked")
	if p := ada.Get(at); !p.Has(says) || !p.Has("Nothing can be imported yet") || !p.Has("enter “m8” under Where it comes from") {
		t.Errorf("checked: %s", p.Text("main"))
	}
	ada.Submit(ada.Get(at+"/columns"), "form[action$='/columns']", url.Values{"source": {"m8"}})
	stands(app, 2, "checked")
	if p := ada.Get(at); p.Has(says) || !p.Has("Import 1 record") {
		t.Errorf("from whoever keeps them: %s", p.Text("main"))
	}
}

// An Administrator sends an export of everything: its tables are known, nobody
// says what columns are, and what would come is shown in the same tables.
func TestImportOfAnExport(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	var zip bytes.Buffer
	if _, err := export.Write(t.Context(), &zip, export.Source{Pool: app.Pool, Store: app.Store, Version: "test"}, export.Options{Form: export.AsCSV, Files: true}); err != nil {
		t.Fatal(err)
	}
	broken := bytes.Replace(zip.Bytes(), []byte("files/"), []byte("fileZ/"), 1)
	p := ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "everything.zip", Content: broken[:len(broken)-100]})
	if p.Status != 422 || !strings.Contains(p.Find("#file-problem").Text(), "not a whole zip") {
		t.Errorf("half an export: %d %q", p.Status, p.Find("#file-problem").Text())
	}
	p = ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "everything.zip", Content: zip.Bytes()})
	page := p.URL.Path
	stands(app, 2, "read")
	p = ada.Get(page)
	for _, words := range []string{"Exported from here: customers", "Exported from here: job history", "meant for an empty installation"} {
		if !strings.Contains(p.Find("main").Text(), words) {
			t.Errorf("it does not say %q: %s", words, p.Find("main").Text())
		}
	}
	columns := ada.Get(page + "/columns")
	if n := columns.Find("select").Length(); n != 0 {
		t.Errorf("%d things to choose of tables that are known", n)
	}
	ada.Submit(columns, "form[action$='/columns']", nil)
	stands(app, 2, "checked")
	p = ada.Get(page)
	for _, words := range []string{"Job History", "Files", "Tax Rates"} {
		if !strings.Contains(p.Find("main").Text(), words) {
			t.Errorf("the check does not speak of %q", words)
		}
	}
	if apptest.Value[string](app, `select source from imports where id = 2`) != "fieldgate" {
		t.Error("its ids are kept under another name")
	}
	if n := apptest.Value[int](app, `select count(*) from import_mappings`); n != 0 {
		t.Error("columns are remembered that nobody chose")
	}
}

// What an office has to decide is asked before anything is checked: statuses that are
// not known here. And a telephone number that a spreadsheet has spoilt keeps nobody
// out, but is told.
func TestImportAsksAndTells(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	at := ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "jobs.csv", Content: []byte("Job number,Customer,Description,Status\n1,Northwind,x,Quoted - Won\n2,Northwind,x,Booked\n3,Northwind,x,Awaiting PO\n")}).URL.Path
	stands(app, 2, "read")
	p := ada.Get(at)
	if !p.Has("say under Columns what “Quoted - Won”, “Awaiting PO” mean here") || p.Find(".notice a[href='"+at+"/columns#words']").Length() != 1 {
		t.Errorf("the words are not asked for: %s", p.Text("main"))
	}
	if p := ada.Get(at + "/columns"); p.Find("#words tbody tr").Eq(1).Find("b").Text() != "Awaiting PO" {
		t.Errorf("the words to choose are not the first: %s", p.Find("#words").Text())
	}
	ada.Submit(ada.Get(at+"/columns"), "form[action$='/columns']", url.Values{"value-0": {"unscheduled"}, "value-1": {"deferred"}})
	stands(app, 2, "checked")
	if ada.Get(at).Has("Some words in the file are not known here") {
		t.Error("words are asked for that were said")
	}

	at = ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "customers.csv", Content: []byte("Customer name,Phone,Contact name,Contact phone\nTidewater Dental,4.12E+08,Lena Marsh,08 5550 1201\nQuokka Cafe,08 5550 1202,Tom Birch,4.12E+08\n")}).URL.Path
	stands(app, 3, "read")
	ada.Submit(ada.Get(at), "form[action$='/check']", nil)
	stands(app, 3, "checked")
	p = ada.Get(at)
	if !p.Has("2 records come in without one of the values") || !p.Has("Import 4 records") {
		t.Errorf("what stays out is not told: %s", p.Text("main"))
	}
	ada.Submit(p, "form[action$='/run']", nil)
	stands(app, 3, "done")
	p = ada.Get(at + "?show=partly")
	if !p.Has("2 records came in without") || !p.Has("“Phone”: A spreadsheet has shortened this number to “4.12E+08”, so it is left out.") || p.Has("08 5550") || p.Find("#results tbody tr").Length() != 2 {
		t.Errorf("what stayed out is not told: %s", p.Text("main"))
	}
	if got := apptest.Value[string](app, `select string_agg(c.name || ' ' || c.phone || ', ' || u.phone, '; ' order by c.name) from contacts c join customers u on u.id = c.customer_id where u.name in ('Tidewater Dental', 'Quokka Cafe')`); got != "Lena Marsh 08 5550 1201, ; Tom Birch , 08 5550 1202" {
		t.Errorf("came in: %s", got)
	}
}

// A page says why records are refused once for each reason, and how words of the file
// are read before anything is.
func TestWhyRecordsAreRefused(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	rows := []string{"Job number,Customer,Description,Status,Date booked"}
	for n := range 4 {
		rows = append(rows, fmt.Sprintf("9%d,Harbour Dental,Fit,Pencilled,", n), fmt.Sprintf("8%d,Gone %d,Fit,Complete,", n, n))
	}
	rows = append(rows, "70,Harbour Dental,Fit,Maybe,", "71,Harbour Dental,Fit,Active,3/2/2025", "72,Harbour Dental,Fit,To Schedule,3/2/2025")
	p := ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "jobs.csv", Content: []byte(strings.Join(rows, "\n") + "\n")})
	stands(app, 2, "read")
	p = ada.Get(p.URL.Path)
	for _, words := range []string{"“Complete” is read as Completed, “Active” as Unscheduled (Booked with a date), “To Schedule” as Unscheduled.", "say under Columns what “Pencilled”, “Maybe” mean here"} {
		if !strings.Contains(p.Find("main").Text(), words) {
			t.Errorf("the file as it was read does not say %q: %s", words, p.Find("main").Text())
		}
	}
	ada.Submit(p, "form[action$='/check']", nil)
	stands(app, 2, "checked")
	p = ada.Get(p.URL.Path)
	want := [][]string{
		{"5 jobs", "“Status”: “Pencilled” is not a status here. Choose under Columns what it means.", "1 other is like it."},
		{"4 jobs", "“Customer”: There is no customer “Gone 0”. Correct the name, or import the customer first.", "3 others are like it."},
	}
	reasons := p.Find(".card:contains('Why records are refused') tbody tr")
	for n, parts := range want {
		for _, words := range parts {
			if !strings.Contains(reasons.Eq(n).Text(), words) {
				t.Errorf("reason %d does not say %q: %s", n, words, reasons.Eq(n).Text())
			}
		}
	}
	if reasons.Length() != len(want) || !p.Has("A job that is Unscheduled has no booking") && !ada.Get(p.URL.Path+"?show=partly").Has("A job that is Unscheduled has no booking") {
		t.Errorf("%d reasons; what is left out is not said", reasons.Length())
	}
	ada.Submit(p, "form[action$='/run']", nil)
	stands(app, 2, "done")
	if p := ada.Get(p.URL.Path); !p.Has("say under its Columns what they mean") || !p.Has("Why records are refused") {
		t.Errorf("what is done says %s", p.Find("main").Text())
	}
	if got := apptest.Value[string](app, `select string_agg(number || ' ' || status, ', ' order by number) from jobs where number in ('71', '72')`); got != "71 booked, 72 unscheduled" {
		t.Errorf("jobs: %s", got)
	}
}

// A file in which nothing is new but for what was edited here can still overwrite that.
func TestOverwritingWhatWasEditedHere(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := app.As("ada")
	const phone = `select phone from customers where name = 'Ironbark'`
	for n, step := range []struct{ choice, want string }{{"", "08 5550 0001"}, {"keep", "08 5550 9999"}, {"overwrite", "08 5550 0001"}} {
		p := ada.Submit(ada.Get(imports), "form[enctype]", nil, apptest.File{Field: "file", Name: "customers.csv", Content: []byte("Customer ID,Company Name,Given Name,Family Name,Phone\n1,Ironbark,,,08 5550 0001\n")})
		stands(app, n+2, "read")
		p = ada.Get(p.URL.Path)
		ada.Submit(p, "form[action$='/check']", nil)
		stands(app, n+2, "checked")
		p = ada.Get(p.URL.Path)
		fields := url.Values{}
		if step.choice != "" {
			fields.Set("edited", step.choice)
			if words := p.Find("form[action$='/run'] button.button--primary").Text(); !strings.Contains(words, "Use this choice") || !p.Has("Everything in this file is here already, but for what was edited here.") {
				t.Errorf("%s: %q in %s", step.choice, words, p.Find("main").Text())
			}
		}
		ada.Submit(p, "form[action$='/run']", fields)
		stands(app, n+2, "done")
		if got := apptest.Value[string](app, phone); got != step.want {
			t.Errorf("%q: %s, want %s", step.choice, got, step.want)
		}
		if n == 0 {
			app.Exec(`update customers set phone = '08 5550 9999', version = version + 1 where name = 'Ironbark'`)
		}
	}
}
