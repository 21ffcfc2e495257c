package attack_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"fieldgate/web/apptest"
)

// everyRight is a form that grants all there is.
func everyRight(more url.Values) url.Values {
	f := url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}, "preset": {"full"}, "sites_scope": {"all"}, "version": {"1"}}
	maps.Copy(f, more)
	return f
}

func custom(more url.Values) url.Values {
	f := url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}, "preset": {"custom"}, "jobs_see": {"none"}, "quotes_see": {"none"}, "equipment_see": {"none"}, "sites_scope": {"selected"}, "sites": {"1"}, "version": {"1"}}
	maps.Copy(f, more)
	return f
}

// A manager gives no more than they hold, whatever the fields of a form say.
func TestManagersGrantNoMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	// Lee looks after George Street alone, sees own jobs and no quotes there.
	app.Exec(`update contacts set all_sites = false, jobs_see = 'own', quotes_see = 'none', quotes_edit = false, quotes_create = false, quotes_accept = false, equipment_edit = false where id = 1;
		insert into contact_sites (customer_id, contact_id, site_id) values (1, 1, 1);
		insert into contacts (customer_id, name, email, access, jobs_see, all_sites) values (1, 'Uma', 'uma@demo.test', 'invited', 'none', false);
		insert into contact_sites (customer_id, contact_id, site_id) select 1, id, 1 from contacts where name = 'Uma'`)
	lee := app.As("lee")
	uma := apptest.Value[int64](app, `select id from contacts where name = 'Uma'`)
	for name, fields := range map[string]url.Values{
		"everything":                    everyRight(nil),
		"everything, custom":            custom(url.Values{"jobs_see": {"all"}, "jobs_edit": {"on"}, "quotes_see": {"all"}, "quotes_accept": {"on"}}),
		"jobs of their own":             custom(url.Values{"jobs_see": {"own"}}), // of which Lee sees none
		"all jobs":                      custom(url.Values{"jobs_see": {"all"}}),
		"quotes":                        custom(url.Values{"quotes_see": {"own"}}),
		"acceptance":                    custom(url.Values{"quotes_see": {"own"}, "quotes_accept": {"on"}}),
		"editing of equipment":          custom(url.Values{"equipment_see": {"all"}, "equipment_edit": {"on"}}),
		"all sites":                     custom(url.Values{"sites_scope": {"all"}}),
		"a site out of sight":           custom(url.Values{"sites": {"1", "2"}}),
		"another customer's site":       custom(url.Values{"sites": {"3"}}),
		"a site that never was":         custom(url.Values{"sites": {"999"}}),
		"nonsense instead of a scope":   custom(url.Values{"jobs_see": {"everything"}}),
		"rights without what they need": custom(url.Values{"jobs_see": {"none"}, "jobs_edit": {"on"}}),
		"another customer":              custom(url.Values{"sites": {"1"}, "customer": {"2"}, "customer_id": {"2"}, "jobs_see": {"all"}}),
	} {
		if p := lee.Post("/details/colleagues", fields); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s, to a new one: %d %s", name, p.Status, p.Text("main"))
		}
		fields = maps.Clone(fields)
		fields["name"], fields["email"] = []string{"Uma"}, []string{"uma@demo.test"}
		if p := lee.Post(fmt.Sprintf("/details/colleagues/%d/edit", uma), fields); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s, to Uma: %d %s", name, p.Status, p.Text("main"))
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from contacts where name = 'Nia' or name = 'Uma' and (version <> 1 or jobs_see <> 'none' or all_sites)`); n != 0 {
		t.Error("something was granted")
	}
	// The editor offers none of it.
	p := lee.Get("/details/colleagues/new")
	for _, not := range []string{"[name=quotes_see]", "[name=quotes_accept]", "[name=equipment_edit]", "[name=jobs_see]", "[name=jobs_create]", "[value=full]", "[name=sites][value='2']", "[name=sites_scope][value=all]"} {
		if p.Find("main "+not).Length() != 0 {
			t.Errorf("%s is offered", not)
		}
	}
	// What is held is given.
	if p := lee.Post("/details/colleagues", custom(url.Values{"nonce": {"n"}})); p.Status != http.StatusOK || !p.Has("Nia was added.") {
		t.Errorf("what is held: %d %s", p.Status, p.Text("main"))
	}
	// A field of the office's is none of the portal's.
	nia := apptest.Value[int64](app, `select id from contacts where name = 'Nia'`)
	app.Exec(`update contacts set notes = 'OFFICE-ONLY' where id = $1`, nia)
	if p := lee.Get(fmt.Sprintf("/details/colleagues/%d/edit", nia)); strings.Contains(p.Body, "OFFICE-ONLY") {
		t.Error("the office's notes are shown")
	}
	version := apptest.Value[string](app, `select version::text from contacts where id = $1`, nia)
	lee.Post(fmt.Sprintf("/details/colleagues/%d/edit", nia), custom(url.Values{"version": {version}, "notes": {"mine"}, "default": {"on"}, "access": {"active"}, "person_id": {"1"}}))
	if got := apptest.Value[string](app, `select notes || is_default || access || coalesce(person_id, 0) from contacts where id = $1`, nia); got != "OFFICE-ONLYfalseinvited0" {
		t.Errorf("forged fields: %s", got)
	}
}

// Who is out of reach does not exist: stronger ones, oneself, the archived,
// other customers' people, numbers of nobody.
func TestWhoIsOutOfReachDoesNotExist(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	// Kim manages too, but sees only her own jobs; Max is not hers to restore.
	app.Exec(`update contacts set company_edit = true, contacts_manage = true where id = 2;
		insert into contacts (customer_id, name, email, access, archived_at) values (1, 'Art', 'art@demo.test', 'invited', now()), (1, 'Una', 'una@demo.test', 'invited', null);
		insert into contacts (customer_id, name, email, access, jobs_see) values (1, 'Ivy', 'ivy@demo.test', 'invited', 'own')`)
	ivy := apptest.Value[string](app, `select id::text from contacts where name = 'Ivy'`) // whose own jobs Kim does not see
	art := apptest.Value[string](app, `select id::text from contacts where name = 'Art'`)
	una := apptest.Value[string](app, `select id::text from contacts where name = 'Una'`)
	deeds := []string{"", "/edit", "/invitation", "/suspension", "/restoration"}
	before := apptest.Value[string](app, `select string_agg(c::text, ';' order by id) from contacts c`)
	for who, hidden := range map[string][]string{
		"kim": {"1", "2", "3", "4", "5", "6", art, ivy, "0", "-1", "x", "99999999999999999999", "1 or 1=1"},
		"lee": {"1", "4", "5", "6", art},
		"ola": {"1", "2", "3", "4", "6", art, una},
		"sam": {"1", "2", "4", "5", "6", una}, // who manages nobody
	} {
		b := app.As(who)
		for _, deed := range deeds {
			answer := func(id string) string {
				path := "/details/colleagues/" + url.PathEscape(id) + deed
				get := b.Get(path)
				all := fmt.Sprint(get.Status, get.Body)
				if deed != "" {
					post := b.Post(path, everyRight(nil))
					all += fmt.Sprint(post.Status, post.Body)
				}
				return all
			}
			want := answer("424242")
			if !strings.HasPrefix(want, "404") {
				t.Fatalf("%s%s: %.100s", who, deed, want)
			}
			for _, id := range hidden {
				if got := answer(id); got != want {
					t.Errorf("%s learns of contact %s at %q: %.300s", who, id, deed, got)
				}
			}
		}
	}
	if after := apptest.Value[string](app, `select string_agg(c::text, ';' order by id) from contacts c`); after != before {
		t.Errorf("somebody was changed:\n%s\n%s", before, after)
	}
	p := app.As("kim").Get("/details/colleagues")
	if names := p.Text("#results"); !strings.Contains(names, "Una") || strings.Contains(names, "Lee") || strings.Contains(names, "Max") || strings.Contains(names, "Ivy") || strings.Contains(names, "Art") || !p.Has("1 person") {
		t.Errorf("Kim's list: %s", names)
	}
	if p := app.As("kim").Get("/details/colleagues?q=lee"); p.Find("#results tbody tr").Length() != 0 {
		t.Error("a search finds whom the list hides")
	}
	if p := app.As("sam").Get("/details"); strings.Contains(p.Body, "/details/colleagues") {
		t.Error("a link to what is not there")
	}
}

// An address that somebody out of reach has is refused in words that tell
// nothing; one that belongs to a person elsewhere is invited like a new one.
func TestAddressesOfColleaguesTellNothing(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set company_edit = true, contacts_manage = true where id = 2`)
	kim := app.As("kim")
	one := func(email string) url.Values {
		return custom(url.Values{"email": {email}, "sites_scope": {"all"}, "nonce": {email}})
	}
	taken := kim.Post("/details/colleagues", one("LEE@demo.test"))
	archived := kim.Post("/details/colleagues", one("kim@demo.test"))
	if taken.Status != 422 || taken.Problem("email") != "This address cannot be added here. Ask Northwind Air on (02) 5550 1000 to add it." || taken.Problem("email") != archived.Problem("email") {
		t.Errorf("of Lee: %d %q; her own: %q", taken.Status, taken.Problem("email"), archived.Problem("email"))
	}
	known, fresh := kim.Post("/details/colleagues", one("ola@demo.test")), kim.Post("/details/colleagues", one("nobody@demo.test"))
	plain := func(p apptest.Page, email string) string {
		return strings.ReplaceAll(strings.ReplaceAll(p.Text("main"), email, "EMAIL"), p.URL.Path, "")
	}
	if known.Status != 200 || plain(known, "ola@demo.test") != plain(fresh, "nobody@demo.test") {
		t.Errorf("a known address and a new one differ:\n%s\n%s", plain(known, "ola@demo.test"), plain(fresh, "nobody@demo.test"))
	}
	// Her own list may name its people.
	if again := kim.Post("/details/colleagues", custom(url.Values{"email": {"nobody@demo.test"}, "sites_scope": {"all"}, "nonce": {"other"}})); again.Problem("email") != "Nia has this email address already." {
		t.Errorf("on her list: %q", again.Problem("email"))
	}
}

// Two managers suspend each other at the same moment: one of them wins, and
// nobody's page breaks.
func TestManagersSuspendEachOther(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts k set jobs_see = l.jobs_see, jobs_edit = true, jobs_create = true, quotes_see = 'all', quotes_edit = true, quotes_create = true, quotes_accept = true,
		equipment_see = 'all', equipment_edit = true, equipment_add = true, company_edit = true, contacts_manage = true from contacts l where k.id = 2 and l.id = 1`)
	for round := range 6 {
		app.Exec(`update contacts set access = 'active' where id in (1, 2)`)
		lee, kim := app.As("lee"), app.As("kim")
		var wait sync.WaitGroup
		got := make([]int, 2)
		wait.Go(func() { got[0] = lee.Post("/details/colleagues/2/suspension", nil).Status })
		wait.Go(func() { got[1] = kim.Post("/details/colleagues/1/suspension", nil).Status })
		wait.Wait()
		active := apptest.Value[int](app, `select count(*)::int from contacts where id in (1, 2) and access = 'active'`)
		if active != 1 || slices.Max(got) >= 500 {
			t.Errorf("round %d: %v, %d left", round, got, active)
		}
	}
	// Rights that shrink meanwhile shrink what may be given.
	app.Exec(`update contacts set access = 'active' where id in (1, 2)`)
	lee := app.As("lee")
	p := lee.Get("/details/colleagues/2/edit")
	app.Exec(`update contacts set quotes_accept = false where id = 1`)
	if p := lee.Submit(p, "main form.form", nil); p.Status != http.StatusNotFound {
		t.Errorf("Kim is beyond Lee by now: %d", p.Status)
	}
	app.Exec(`update contacts set quotes_accept = false where id = 2; update contacts set contacts_manage = false where id = 1`)
	if p := lee.Submit(p, "main form.form", nil); p.Status != http.StatusNotFound {
		t.Errorf("Lee manages nobody any more: %d", p.Status)
	}
}

// A suspension ends what is open, at this customer only.
func TestSuspensionIsOfThisCustomer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ola, sam := app.As("ola"), app.As("sam")
	if p := ola.Post("/details/colleagues/5/suspension", nil); !p.Has("Sam Petrou is suspended.") {
		t.Fatal(p.Status, p.Text("main"))
	}
	if got := apptest.Value[string](app, `select string_agg(access, ',' order by id) from contacts where person_id = 5`); got != "suspended,active" {
		t.Errorf("Sam is %s", got)
	}
	if p := sam.Get("/"); p.Status != 200 || !p.Has("Quay Street") {
		t.Errorf("at Quay Street: %d %s", p.Status, p.URL)
	}
	if p := ola.Post("/details/colleagues/5/restoration", nil); !p.Has("Access of Sam Petrou was restored.") {
		t.Error(p.Status)
	}
	// Who has logged in keeps the address.
	edit := ola.Get("/details/colleagues/5/edit")
	if p := ola.Submit(edit, "main form.form", url.Values{"email": {"new@demo.test"}}); p.Status != http.StatusUnprocessableEntity || !p.Has("Sam Petrou already signs in with this address") {
		t.Error(p.Status, p.Text("main"))
	}
	if got := apptest.Value[string](app, `select access || email from contacts where id = 5`); got != "activesam@demo.test" {
		t.Errorf("Sam at Pelican Point: %s", got)
	}
	// The office is told who did it.
	told := apptest.Value[string](app, `select string_agg(kind || ' ' || coalesce(payload::text, ''), ';' order by id) from emails`)
	for _, words := range []string{"contact-access", "suspended", "restored", "Sam Petrou: access", `"about": 4`} {
		if !strings.Contains(told, words) {
			t.Errorf("%q is not told: %s", words, told)
		}
	}
	if n := apptest.Value[int](app, `select count(*)::int from audit_entries where contact_id = 4 and thing = 'contact' and thing_id = 5`); n < 2 {
		t.Errorf("%d entries in the trail", n)
	}
}
