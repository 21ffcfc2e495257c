package officeweb_test

import (
	"net/http"
	"strings"
	"testing"

	"fieldgate/internal/list"
	"fieldgate/web/apptest"
)

// pages counts the rows of a list's pages, by its links to the next.
func pages(b *apptest.Browser, path string) (rows []int) {
	for {
		p := b.Get(path)
		rows = append(rows, p.Find("#results tbody tr").Length())
		next, more := p.Find("a[rel=next]").Attr("href")
		if !more || len(rows) > 9 {
			return rows
		}
		path = next
	}
}

func sum(all []int) (n int) {
	for _, i := range all {
		n += i
	}
	return n
}

// Tokens, imports and what is in one, exports, webhooks and deliveries are found by
// words, narrowed, sorted and paged, by addresses that can be kept.
func TestListsOfOtherSystems(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`
		insert into tokens (hash, hint, name, source, scopes, created_by_id, created_at, ended_at, ended_by_id, expires_at)
			select sha256(n::text::bytea), 'x', 'Reader ' || lpad(n::text, 3, '0'), 'reader-' || n, '{jobs:read}', 1, now() - n * interval '1 minute', case when n > 70 then now() end, case when n > 70 then 1 end, case when n > 60 then now() - interval '1 hour' end
			from generate_series(1, 80) n;
		insert into imports (name, file_size, blob_key, kind, state, by_name) select 'night-' || n || '.csv', 1, '', 'csv', case when n > 55 then 'undone' else 'done' end, 'Drop folder' from generate_series(1, 58) n;
		update imports set state = 'done', finished_at = now() where id = 1;
		insert into import_things (import_id, place, kind, sheet, line, label, state, done) select 1, n, case when n > 100 then 'jobs' else 'contacts' end, 0, n + 1, 'Somebody ' || n, 'new', 'new' from generate_series(2, 120) n;
		insert into exports (kind, files, state, asked_at, asked_by, ended_at, size, blob_key)
			select case when n % 2 = 0 then 'xlsx' else 'csv' end, true, case when n < 4 then 'ready' when n < 9 then 'failed' else 'removed' end, now() - n * interval '1 day', case when n < 50 then 'Ada Fontaine' else 'Ben Okafor' end,
				now() - n * interval '1 day', n * 1000, case when n < 4 then 'key' || n else '' end from generate_series(1, 60) n;
		insert into webhooks (seal, name, address, secret, active, off_why, off_at, failing_since)
			select 'seal' || n, 'System ' || lpad(n::text, 3, '0'), 'https://hooks' || n || '.example/path-that-is-secret', 'x', n > 5, case when n > 5 then '' else 'staff' end, case when n <= 5 then now() end, case when n in (6, 7) then now() end
			from generate_series(1, 60) n;
		insert into webhook_deliveries (webhook_id, kind, nonce, state, attempts, finished_at, status, sent) select 1, 'webhook.test', 'n' || n, 'delivered', 1, now(), 200, 'x' from generate_series(1, 60) n`)
	ada := app.As("ada")
	for _, tt := range []struct {
		path string
		want int
	}{
		{"/office/admin/tokens", 61},
		{"/office/admin/tokens?show=ended", 20},
		{"/office/admin/tokens?show=all", 81},
		{"/office/admin/tokens?show=all&q=reader+07", 10},
		{"/office/admin/tokens?show=nonsense&q=job", 1},
		{"/office/admin/tokens?sort=-used", 61},
		{"/office/admin/import", 59},
		{"/office/admin/import?show=undone", 3},
		{"/office/admin/import?show=done&q=night", 55},
		{"/office/admin/import?show=unfinished", 0},
		{"/office/admin/import/1?show=all", 120},
		{"/office/admin/import/1", 1}, // what was refused
		{"/office/admin/import/1?show=new&kind=jobs", 20},
		{"/office/admin/import/1?show=all&q=body+11", 11},
		{"/office/admin/export", 60},
		{"/office/admin/export?show=ready", 3},
		{"/office/admin/export?show=failed&q=csv", 2},
		{"/office/admin/export?q=ben", 11},
		{"/office/admin/export?show=nonsense&sort=size", 60},
		{"/office/admin/export?q=nobody", 0},
		{"/office/admin/webhooks", 61},
		{"/office/admin/webhooks?show=on", 53},
		{"/office/admin/webhooks?show=retrying", 2},
		{"/office/admin/webhooks?show=off&q=system", 5},
		{"/office/admin/webhooks?q=hooks12", 1},
		{"/office/admin/webhooks?q=secret", 0}, // the path may be one
		{"/office/admin/webhooks?sort=-last", 61},
		{"/office/admin/webhooks/1", 61},
		{"/office/admin/webhooks/1?state=failed", 0},
	} {
		if got := pages(ada, tt.path); sum(got) != tt.want || got[0] > list.Size {
			t.Errorf("%s has %v rows, want %d", tt.path, got, tt.want)
		}
	}
	if first := ada.Get("/office/admin/tokens?sort=-name").Find("#results .table__link").First().Text(); first != "Reader 060" {
		t.Errorf("the last by name is %q", first)
	}
	if first := ada.Get("/office/admin/webhooks?sort=-name&show=on").Find("#results .table__link").First().Text(); first != "System 060" {
		t.Errorf("the last webhook by name is %q", first)
	}
	if first := ada.Get("/office/admin/export?sort=-size").Find("#results td.number").First().Text(); !strings.Contains(first, "60") {
		t.Errorf("the largest export has %q", first)
	}
	for path, words := range map[string]string{"/office/admin/export?q=nobody": "Show all exports", "/office/admin/webhooks?q=nobody": "Show all webhooks", "/office/admin/webhooks?show=retrying&q=nobody": "Show all webhooks"} {
		if p := ada.Get(path); !p.Has(words) || p.Find("input[name=q]").Length() == 0 {
			t.Errorf("%s: %s", path, p.Text("#results"))
		}
	}
	file := ada.Get("/office/admin/webhooks/1/deliveries.csv?state=delivered")
	if lines := strings.Count(file.Body, "\n"); file.Status != http.StatusOK || lines != 62 || !strings.Contains(file.Body, "webhook.test") || !strings.Contains(file.Body, "Answered 200") {
		t.Errorf("%d, %d lines: %.300s", file.Status, lines, file.Body)
	}
	for path, want := range map[string]int{"/office/admin/webhooks/999/deliveries.csv": http.StatusNotFound, "/office/admin/webhooks/1/deliveries.xlsx": http.StatusOK} {
		if p := ada.Get(path); p.Status != want {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
}
