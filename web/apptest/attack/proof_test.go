package attack_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web/apptest"
)

// left are browsers that somebody signed in with a while ago, and walked away from.
func left(app *apptest.App, name string) *apptest.Browser {
	b := app.As(name)
	app.Exec(`update sessions set created_at = now() - interval '16 minutes'`)
	return b
}

// guards let nothing be committed that changes who may do what.
const guards = `
create function guarded() returns trigger language plpgsql as $$ begin raise exception 'guarded: % of %', tg_op, tg_table_name; end $$;
create constraint trigger guarded_new after insert on staff deferrable initially deferred for each row execute function guarded();
create constraint trigger guarded after update on staff deferrable initially deferred for each row when ((old.email, old.role, old.state, old.password_hash, old.second_factor, old.archived_at) is distinct from
	(new.email, new.role, new.state, new.password_hash, new.second_factor, new.archived_at)) execute function guarded();
create constraint trigger guarded after update on persons deferrable initially deferred for each row when ((old.email, old.password_hash) is distinct from (new.email, new.password_hash)) execute function guarded();
create constraint trigger guarded after update on contacts deferrable initially deferred for each row when ((old.email, old.access, old.person_id, old.jobs_see, old.jobs_edit, old.jobs_create, old.quotes_see, old.quotes_edit, old.quotes_create,
	old.quotes_accept, old.equipment_see, old.equipment_edit, old.equipment_add, old.company_edit, old.contacts_manage, old.all_sites) is distinct from
	(new.email, new.access, new.person_id, new.jobs_see, new.jobs_edit, new.jobs_create, new.quotes_see, new.quotes_edit, new.quotes_create,
	new.quotes_accept, new.equipment_see, new.equipment_edit, new.equipment_add, new.company_edit, new.contacts_manage, new.all_sites)) execute function guarded();
create constraint trigger guarded after insert or update of name or delete on passkeys deferrable initially deferred for each row execute function guarded();
create constraint trigger guarded after insert or update or delete on second_factors deferrable initially deferred for each row execute function guarded();
create constraint trigger guarded after insert or update of token_hash or delete on calendar_feeds deferrable initially deferred for each row execute function guarded();
create constraint trigger guarded after update on sign_in_rules deferrable initially deferred for each row execute function guarded();
create constraint trigger guarded_new after insert on links deferrable initially deferred for each row when (new.purpose = 'staff-email-change' or new.purpose = 'email-change') execute function guarded();`

// changed is a form filled in so that it changes what it can: each choice
// another one, each text another one. Passwords are not known.
func changed(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		value := s.AttrOr("value", "")
		_, ticked := s.Attr("checked")
		switch kind := s.AttrOr("type", ""); {
		case kind == "hidden":
			values.Add(name, value)
		case kind == "radio" && !ticked:
			values.Set(name, value) // the last that is not chosen now
		case kind == "radio" && !values.Has(name):
			values.Set(name, value)
		case kind == "checkbox" && !ticked:
			values.Add(name, s.AttrOr("value", "on"))
		case kind == "email":
			values.Set(name, "somebody@else.test")
		case kind == "password":
			values.Set(name, "copper kettle under nine rivers")
		case kind == "text" || kind == "tel" || goquery.NodeName(s) == "textarea":
			values.Set(name, value+s.Text()+" x")
		case goquery.NodeName(s) == "select":
			values.Set(name, s.Find("option").Last().AttrOr("value", ""))
		}
	})
	return values
}

// press sends every form of every page of a side, and names those that were
// stopped by the guards.
func press(t *testing.T, app *apptest.App, b *apptest.Browser, policies []string, more ...string) (pressed, stopped, asked []string) {
	t.Helper()
	pages := more
	for _, r := range app.SortedRoutes() {
		if r.Method == http.MethodGet && containsPrefix(policies, r.Who) && !strings.HasSuffix(r.Pattern, ".csv") && !strings.HasSuffix(r.Pattern, ".xlsx") && !strings.Contains(r.Pattern, "preview") {
			pages = append(pages, apptest.Path(t, r.Pattern))
		}
	}
	seen := map[string]bool{}
	for _, path := range pages {
		p := b.Get(path)
		p.Find("form[method=post]").Each(func(_ int, form *goquery.Selection) {
			if form.AttrOr("enctype", "") != "" {
				return
			}
			action := form.AttrOr("action", path)
			for _, to := range append([]string{action}, form.Find("[formaction]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("formaction", "") })...) {
				key := path + " → " + to
				if seen[to+changed(form).Encode()] || strings.HasSuffix(to, "/logout") || strings.Contains(to, "/devices/") || strings.Contains(to, "preview") {
					continue
				}
				seen[to+changed(form).Encode()] = true
				res := b.Post(to, changed(form))
				pressed = append(pressed, key)
				switch {
				case res.Find("input[name=proof]").Length() > 0:
					asked = append(asked, key)
				case res.Status >= http.StatusInternalServerError:
					stopped = append(stopped, key)
				}
			}
		})
	}
	return pressed, stopped, asked
}

func containsPrefix(list []string, s string) bool {
	for _, l := range list {
		if strings.HasPrefix(s, l) {
			return true
		}
	}
	return false
}

// Whoever finds a browser in which somebody signed in a while ago, and does not
// know the password, changes nobody's rights, address, factor or place on the
// staff: not by any form of the program.
func TestAnOpenBrowserIsNoTakeover(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		policies []string
		more     []string
		guarded  int // how many forms the guards stop at least when the password was just given
	}{
		{"ada", []string{"staff", "administrator"}, []string{"/office/admin/staff/2", "/office/admin/staff/4", "/office/customers/C-1001/contacts/2", "/office/customers/C-1001/contacts/3/restoration", "/office/customers/C-1001/contacts/7/edit?access=give"}, 7},
		{"lee", []string{"contact", "person"}, []string{"/details/colleagues/3", "/details/colleagues/3/restoration", "/details/colleagues/7/edit"}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(`insert into staff (name, email, role, state) values ('Nia Fresh', 'nia@demo.test', 'office', 'invited'); insert into contacts (customer_id, name, email) values (1, 'On Record', 'record@demo.test')`)
			app.ExecAsOwner(guards)
			pressed, stopped, asked := press(t, app, left(app, tt.name), tt.policies, tt.more...)
			if len(stopped) > 0 || len(asked) == 0 {
				t.Errorf("%d forms were sent, %d asked for the password, and these did it without:\n%s", len(pressed), len(asked), strings.Join(stopped, "\n"))
			}
			// The same with a fresh proof shows that the guards see.
			_, seen, again := press(t, app, app.As(tt.name), tt.policies, tt.more...)
			if len(seen) < tt.guarded || len(again) > 0 {
				t.Errorf("with a fresh proof %d forms reach the guards and %d ask:\n%s", len(seen), len(again), strings.Join(append(seen, again...), "\n"))
			}
			t.Logf("%d forms, %d asked, %d guarded", len(pressed), len(asked), len(seen))
		})
	}
}

// The page that asks keeps what was typed: with the right password it is done as
// it was sent, with a wrong one it stands there still.
func TestWhatWasTypedWaitsForThePassword(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada := left(app, "ada")
	before := ada.Cookie("/office")
	form := url.Values{"name": {"Nia <Fresh>"}, "email": {"nia@demo.test"}, "phone": {"0400 & more"}, "role": {"office"}, "nonce": {"n-1"}, "notify": {"on"}}
	p := ada.Post("/office/admin/staff", form)
	if p.Status != http.StatusForbidden || !p.Has("Show that it is you") {
		t.Fatalf("asked: %d %s", p.Status, p.Text("main"))
	}
	members := func() int { return apptest.Value[int](app, `select count(*) from staff where name = 'Nia <Fresh>'`) }
	for password, want := range map[string]string{"": "Enter your password.", "not it": "This is not your password."} {
		if p = ada.Submit(p, "main form", url.Values{"proof": {password}}); p.Status != http.StatusUnprocessableEntity || p.Problem("proof") != want || members() != 0 {
			t.Errorf("%q: %d %s", password, p.Status, p.Text("main"))
		}
	}
	if p = ada.Submit(p, "main form", url.Values{"proof": {apptest.Password}}); p.Status != http.StatusOK || !p.Has("Nia <Fresh>") || !p.Has("is on its way to nia@demo.test") || members() != 1 {
		t.Errorf("done: %d %s", p.Status, p.Text("main"))
	}
	if n := apptest.Value[int](app, `select count(*) from staff where email = 'nia@demo.test' and phone = '0400 & more' and role = 'office'`); n != 1 {
		t.Error("something typed was lost")
	}
	// The session went on under another token, and is fresh.
	if res := send(t, "GET", app.URL+"/office", nil, "Cookie", before); res.Status == http.StatusOK {
		t.Error("the token before the proof still opens")
	}
	if p := ada.Post("/office/admin/staff/2/suspension", nil); p.Status != http.StatusOK || !p.Has("Suspended.") {
		t.Errorf("asked again at once: %d %s", p.Status, p.Text("main"))
	}
	// What is wrong with the form is said before the password is asked for, and what is not about rights needs none.
	app.Exec(`update sessions set created_at = now() - interval '16 minutes'`)
	if p := ada.Post("/office/customers/C-1001/contacts/2/edit", url.Values{"name": {""}, "email": {"kim@demo.test"}, "version": {"1"}, "preset": {"own"}}); p.Status != http.StatusUnprocessableEntity || p.Problem("name") == "" {
		t.Errorf("a problem: %d %s", p.Status, p.Text("main"))
	}
	edit := ada.Get("/office/customers/C-1001/contacts/2/edit")
	if p := ada.Submit(edit, "main form[method=post]", url.Values{"phone": {"0400 000 000"}}); p.Status != http.StatusOK || !p.Has("Saved.") {
		t.Errorf("a phone number: %d %s", p.Status, p.Text("main"))
	}
}

// Ten wrong passwords on that page are ten wrong passwords.
func TestThePasswordIsNotGuessedThere(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	lee := left(app, "lee")
	form := url.Values{"name": {"Nia"}, "email": {"nia@demo.test"}, "preset": {"own"}, "sites_scope": {"all"}}
	last := 0
	for n := range 12 {
		form.Set("proof", fmt.Sprint("guess ", n))
		last = lee.Post("/details/colleagues", form).Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the twelfth guess: %d", last)
	}
	if n := apptest.Value[int](app, `select count(*) from contacts where name = 'Nia'`); n != 0 {
		t.Error("added")
	}
}
