package portalweb_test

import (
	"net/url"
	"testing"

	"fieldgate/web/apptest"
)

// Contacts find their things as people search, by the files they see on them,
// too; and nothing by what is the office's alone.
func TestPortalIsSearchedAsPeopleSearch(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		update jobs set description = 'O''Brien''s rooftop unit', purchase_order = 'PO 4500-12', internal_notes = 'Surcharge Xylophone', invoicing_note = 'Zeppelin' where number = 'J-1001';
		update equipment set serial_number = 'SN 12-345/AB', notes = 'Xylophone' where customer_id = 1;
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, web_key, thumb_key, customer_view, uploaded_by_staff_id)
			select customer_id, id, n, 'document', 'application/pdf', 1, 'search ' || n, '', '', n like 'shared%', 1 from jobs, unnest(array['shared Switch-board.pdf', 'kept Quokka.pdf']) n where number = 'J-1001';`)
	for _, tt := range []struct {
		who, list, typed string
		found            bool
	}{
		{"lee", "/jobs", "obrien", true},
		{"lee", "/jobs", "j1001", true},
		{"lee", "/jobs", "po450012", true},
		{"lee", "/jobs", "switchboard", true},
		{"lee", "/jobs", "quokka", false},
		{"lee", "/jobs", "xylophone", false},
		{"lee", "/jobs", "zeppelin", false},
		{"lee", "/equipment", "sn12345ab", true},
		{"lee", "/equipment", "xylophone", false},
		{"ola", "/jobs", "obrien", false},
		{"ola", "/jobs", "switchboard", false},
	} {
		p := app.As(tt.who).Get(tt.list + "?" + url.Values{"q": {tt.typed}}.Encode())
		if rows := p.Find("#results tbody tr").Length(); p.Status != 200 || (rows > 0) != tt.found {
			t.Errorf("%s searches %s for %q: %d, %d rows: %s", tt.who, tt.list, tt.typed, p.Status, rows, p.Text("main"))
		}
	}
}

// However many files on one thing fit a search, those on others are found.
func TestManyFilesHideNoOther(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, customer_view, uploaded_by_staff_id)
			select 1, case when n <= 1200 then 1 else 2 end, 'Marsupial ' || n || '.txt', 'document', 'text/plain', 1, 'key ' || n, true, 1 from generate_series(1, 1201) n`)
	for _, number := range []string{"J-1001", "J-1002"} {
		if p := app.As("lee").Get("/jobs?q=marsupial"); !p.Has(number) {
			t.Errorf("%s is not found: %s", number, p.Text("#results"))
		}
	}
}
