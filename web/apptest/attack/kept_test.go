package attack_test

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/internal/keeper"
	"fieldgate/templates/route"
	"fieldgate/web/apptest"
)

// keptElsewhere gives all that can be kept to another system.
const keptElsewhere = `update keepers set source = 'simpro', label = 'simPRO'`

// keptRows are all things that another system can keep, without what stays ours:
// portal access and permissions, who has looked at what, what searches go by.
const keptRows = `
	select coalesce(string_agg(row::text, E'\n' order by kind, row::text), '') from (
		select 'customer' as kind, to_jsonb(t) - '{search,version,updated_at}'::text[] as row from customers t
		union all select 'site', to_jsonb(t) - '{version,updated_at}'::text[] from sites t
		union all select 'contact', jsonb_build_object('id', id, 'customer', customer_id, 'name', name, 'email', email, 'phone', phone, 'mobile', mobile, 'role', role, 'default', is_default, 'notes', notes, 'archived', archived_at) from contacts
		union all select 'equipment', to_jsonb(t) - '{search,file_words,version,updated_at}'::text[] from equipment t
		union all select 'job', to_jsonb(t) - '{search,portal_search,file_words,version,updated_at,changed_at,looked_at,looked_by_id}'::text[] from jobs t
		union all select 'task', to_jsonb(t) from tasks t
		union all select 'time', to_jsonb(t) from time_entries t
		union all select 'staff of a job', to_jsonb(t) from job_staff t
		union all select 'quote', to_jsonb(t) - '{search,portal_search,file_words,version,updated_at,changed_at,looked_at,looked_by_id}'::text[] from quotes t
		union all select 'version', to_jsonb(t) from quote_versions t
		union all select 'line', to_jsonb(t) from quote_lines t
		union all select 'answer', to_jsonb(t) from acceptances t) all_of_it`

// TestTheOfficeChangesNothingThatAnotherSystemKeeps presses each form of the office,
// as it was shown before another system kept all that can be kept: nothing of that
// changes. What a person may ask of whoever holds their data, to be erased, is the
// one exception.
func TestTheOfficeChangesNothingThatAnotherSystemKeeps(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(busy)
	app.As("ada") // at another browser, too
	b := app.As("ada")
	deeds := pressable(t, app, b, []string{"staff", "administrator"}, "/office", append(adasPages(), "/office/jobs/J-1002/tasks", "/office/quotes/Q-1003/edit", "/office/quotes/Q-1002/answer")...)
	app.Exec(keptElsewhere)
	before, refused, n := apptest.Value[string](app, keptRows), 0, 0
	for _, pattern := range slices.Sorted(maps.Keys(deeds)) {
		if strings.HasSuffix(pattern, "/erasure") || strings.HasSuffix(pattern, "/keepers") || strings.HasPrefix(pattern, "/office/account") || strings.HasPrefix(pattern, "/office/admin/staff") {
			continue
		}
		for _, d := range deeds[pattern] {
			n++
			var p apptest.Page
			if d.files {
				p = b.Upload(d.at, d.fields)
			} else {
				p = b.Post(d.at, d.fields)
			}
			if p.URL.Path == route.OfficeLogin {
				t.Fatalf("%s signed us out", d.at)
			}
			if p.Has("can only be changed there") {
				refused++
			}
			if after := apptest.Value[string](app, keptRows); after != before {
				t.Errorf("%s with %v has changed what simPRO keeps:\n%s", d.at, d.fields, changedLines(before, after))
				before = after
			}
		}
	}
	t.Logf("%d forms, %d refused in words", n, refused)
	if n < 100 || refused < 25 {
		t.Errorf("%d forms were sent, %d refused", n, refused)
	}
}

// changedLines are the lines of after that are not in before.
func changedLines(before, after string) string {
	var changed []string
	was := strings.Split(before, "\n")
	for line := range strings.SplitSeq(after, "\n") {
		if !slices.Contains(was, line) {
			changed = append(changed, line)
		}
	}
	return strings.Join(changed, "\n")
}

// TestNoButtonLeadsToARefusal: on no page of the office is a link to a form that
// would be refused, and no button is one that only fails.
func TestNoButtonLeadsToARefusal(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(busy)
	app.Exec(keptElsewhere)
	b := app.As("ada")
	walked := b.Pages("/office", 2)
	forms := 0
	for _, path := range slices.Sorted(maps.Keys(walked)) {
		p := walked[path]
		p.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			to := s.AttrOr("href", "")
			if kinds := route.Changes(to); kinds != nil && !strings.HasPrefix(path, "/office/search") {
				t.Errorf("%s links to %s (%s), which is refused", path, to, strings.TrimSpace(s.Text()))
			}
		})
		for _, d := range deedsOf(path, p) {
			if strings.Contains(d.at, "/files") || strings.HasPrefix(d.at, "/office/account") || strings.HasPrefix(d.at, "/office/logout") || strings.HasPrefix(d.at, "/office/admin") || d.files || strings.HasSuffix(d.at, "/preview") {
				continue
			}
			forms++
			if answer := b.Post(d.at, d.fields); answer.Has("can only be changed there") {
				t.Errorf("%s offers %s, which is refused", path, d.at)
			}
		}
	}
	t.Logf("%d pages, %d forms", len(walked), forms)
	if len(walked) < 40 {
		t.Errorf("only %d pages were looked at", len(walked))
	}
}

// TestFormsOfKeptThingsLeadToTheThing: each address of route.Changes is one of the
// program's, and leads to the page above it, which says who keeps the thing.
func TestFormsOfKeptThingsLeadToTheThing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(keptElsewhere)
	b, n := app.As("ada"), 0
	for _, r := range app.SortedRoutes() {
		if r.Method != http.MethodGet || !strings.HasPrefix(r.Pattern, "/office/") || route.Changes(r.Pattern) == nil {
			continue
		}
		n++
		to := apptest.Path(t, r.Pattern)
		if p := b.Get(to); p.Status != http.StatusOK || p.URL.Path != path.Dir(to) || !p.Has("from simPRO and can only be changed there") {
			t.Errorf("%s: %d at %s %s", r.Pattern, p.Status, p.URL.Path, p.Text("main"))
		}
	}
	if n != 31 {
		t.Errorf("%d forms were asked for", n)
	}
	app.Exec(`update keepers set source = '', label = ''`)
	if p := b.Get("/office/jobs/new"); p.Status != http.StatusOK {
		t.Errorf("kept here: %d", p.Status)
	}
	if len(keeper.Kinds) != 6 {
		t.Error("a kind that this test does not know")
	}
}
