package attack_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"fieldgate/web"
	"fieldgate/web/apptest"
	"fieldgate/web/gate"
)

// deed is a form as somebody would press it.
type deed struct {
	page, at string
	fields   url.Values
	files    bool
}

// deedsOf are the forms of a page, one for each button that says something of
// its own or leads elsewhere.
func deedsOf(path string, p apptest.Page) (all []deed) {
	p.Find("form[method=post]").Each(func(_ int, form *goquery.Selection) {
		d := deed{page: path, at: form.AttrOr("action", path), fields: filled(form), files: form.AttrOr("enctype", "") != ""}
		if buttons := form.Find("button"); buttons.Length() != form.Find("button[name]").Length() || buttons.Length() == 0 {
			all = append(all, d)
		}
		form.Find("button[name], button[formaction]").Each(func(_ int, button *goquery.Selection) {
			pressed := d
			if button.AttrOr("formmethod", "post") != "post" {
				return
			}
			pressed.at = button.AttrOr("formaction", d.at)
			if name, named := button.Attr("name"); named {
				pressed.fields = maps.Clone(d.fields)
				pressed.fields.Set(name, button.AttrOr("value", ""))
			}
			all = append(all, pressed)
		})
	})
	return all
}

// filled are the values of a form in which somebody has changed its texts, and
// filled in what is required.
func filled(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name, value := s.AttrOr("name", ""), s.AttrOr("value", "")
		_, ticked := s.Attr("checked")
		_, required := s.Attr("required")
		kind, mode := s.AttrOr("type", goquery.NodeName(s)), s.AttrOr("inputmode", "text")
		switch {
		case kind == "file", kind == "radio" && !ticked && values.Has(name), kind == "checkbox" && !ticked && !required && name != "attachment":
		case kind == "radio" && ticked:
			values.Set(name, value)
		case kind == "checkbox":
			values.Add(name, s.AttrOr("value", "on"))
		case kind == "hidden":
			values.Add(name, value)
		case kind == "textarea":
			values.Set(name, s.Text()+" x")
		case kind == "select":
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 || chosen.AttrOr("value", "") == "" {
				chosen = s.Find("option").Last()
			}
			values.Set(name, chosen.AttrOr("value", chosen.Text()))
		case kind == "password" && name == "current":
			values.Set(name, apptest.Password)
		case kind == "password":
			values.Set(name, "copper kettle under nine rivers")
		case value != "":
			values.Set(name, value)
		case kind == "date":
			values.Set(name, "2031-05-06")
		case kind == "email":
			values.Set(name, "somebody@else.test")
		case kind == "time":
			values.Set(name, "08:00")
		case mode == "numeric" || mode == "decimal":
			values.Set(name, "2")
		case required || name == "name" || name == "text":
			values.Set(name, "x")
		default:
			values.Set(name, "")
		}
	})
	return values
}

// holes are those of a route's pattern.
var holes = regexp.MustCompile(`\\\{[a-z]+\\\}`)

// takes reports whether a route takes what is sent to an address.
func takes(r web.Route, address string) bool {
	path, _, _ := strings.Cut(strings.Split(address, "#")[0], "?")
	return r.Method == http.MethodPost && (r.Pattern == path || regexp.MustCompile("^"+holes.ReplaceAllString(regexp.QuoteMeta(r.Pattern), `[^/]+`)+"$").MatchString(path))
}

// pressable are the deeds that somebody finds on all their pages, by the route
// that takes them and by their fields.
func pressable(t *testing.T, app *apptest.App, b *apptest.Browser, policies []string, home string, more ...string) map[string][]deed {
	t.Helper()
	found, known := map[string][]deed{}, map[string]bool{}
	add := func(path string, p apptest.Page) {
		for _, d := range deedsOf(path, p) {
			i := slices.IndexFunc(app.Routes, func(r web.Route) bool { return takes(r, d.at) })
			if i < 0 {
				t.Errorf("%s: the form leads to %s, which nobody takes", path, d.at)
				continue
			}
			if who := app.Routes[i].Who; who == gate.Public || who == gate.Person {
				continue // signing in and out: such a form never waits
			}
			key := app.Routes[i].Pattern + " " + strings.Join(slices.Sorted(maps.Keys(d.fields)), " ") + d.fields.Get("to") + d.fields.Get("until")
			if !known[key] {
				known[key] = true
				found[app.Routes[i].Pattern] = append(found[app.Routes[i].Pattern], d)
			}
		}
	}
	for _, r := range app.SortedRoutes() {
		if r.Method == http.MethodGet && containsPrefix(policies, r.Who) && !strings.HasSuffix(r.Pattern, ".csv") && !strings.HasSuffix(r.Pattern, ".xlsx") && !strings.Contains(r.Pattern, "preview") {
			more = append(more, apptest.Path(t, r.Pattern))
		}
	}
	for _, path := range more {
		add(path, b.Get(path))
	}
	walked := b.Pages(home, 2)
	for _, path := range slices.Sorted(maps.Keys(walked)) {
		add(path, walked[path])
	}
	for _, r := range app.Routes {
		if r.Method == http.MethodPost && containsPrefix(policies, r.Who) && found[r.Pattern] == nil && r.Who != gate.Person && !slices.Contains(scripted, r.Pattern) {
			d, there := rare[r.Pattern]
			if !there {
				t.Errorf("no page offers what %s takes: name its fields in rare", r.Pattern)
			}
			if d.page = home; d.at == "" {
				d.at = apptest.Path(t, r.Pattern)
			}
			found[r.Pattern] = []deed{d}
		}
	}
	return found
}

// rare are deeds that no page of the samples offers.
var rare = map[string]deed{
	"/office/admin/export/{export}/opening":                                 {},
	"/office/admin/export/{export}/removal":                                 {},
	"/details/emails/devices/{id}/removal":                                  {},
	"/details/calendar/address":                                             {},
	"/details/calendar/renewal":                                             {fields: url.Values{"version": {"1"}}},
	"/details/calendar/removal":                                             {},
	"/office/account/calendar/address":                                      {fields: url.Values{"scope": {"own"}}},
	"/office/account/calendar/renewal":                                      {fields: url.Values{"scope": {"own"}, "version": {"1"}}},
	"/office/account/calendar/removal":                                      {fields: url.Values{"scope": {"own"}}},
	"/office/admin/staff/{id}/calendar":                                     {at: "/office/admin/staff/3/calendar", fields: url.Values{"scope": {"own"}}},
	"/office/admin/staff/{id}/calendar/address":                             {at: "/office/admin/staff/3/calendar/address", fields: url.Values{"scope": {"own"}}},
	"/office/admin/staff/{id}/calendar/renewal":                             {at: "/office/admin/staff/3/calendar/renewal", fields: url.Values{"scope": {"own"}, "version": {"1"}}},
	"/office/admin/staff/{id}/calendar/removal":                             {at: "/office/admin/staff/3/calendar/removal", fields: url.Values{"scope": {"own"}}},
	"/office/admin/import-files/{id}/undo":                                  {},
	"/details/passkeys/offer":                                               {},
	"/details/passkeys/{id}/name":                                           {fields: url.Values{"name": {"Phone"}}},
	"/details/passkeys/{id}/removal":                                        {},
	"/details/second-factor":                                                {fields: url.Values{"code": {"123456"}}},
	"/details/second-factor/recovery-codes":                                 {fields: url.Values{"code": {"123456"}}},
	"/details/second-factor/removal":                                        {fields: url.Values{"code": {"123456"}}},
	"/office/customers/{number}/company-login/trial":                        {},
	"/office/customers/{number}/company-login/removal":                      {},
	"/office/admin/staff/{id}/provider/removal":                             {},
	"/office/account/passkeys/offer":                                        {},
	"/office/account/passkeys/{id}/name":                                    {fields: url.Values{"name": {"Desk"}}},
	"/office/account/passkeys/{id}/removal":                                 {},
	"/office/account/second-factor":                                         {fields: url.Values{"code": {"123456"}}},
	"/office/account/second-factor/recovery-codes":                          {fields: url.Values{"code": {"123456"}}},
	"/office/account/second-factor/removal":                                 {fields: url.Values{"code": {"123456"}}},
	"/office/admin/staff/{id}/second-factor/removal":                        {},
	"/office/customers/{number}/contacts/{contact}/company-account/removal": {},
	"/office/customers/{number}/contacts/{contact}/links/removal":           {},
	"/office/customers/{number}/contacts/{contact}/second-factor/removal":   {},
	"/office/jobs/{number}/links/removal":                                   {},
	"/office/messages/unconfirmed/{id}/ignoring":                            {},
	"/office/messages/unconfirmed/{id}/record":                              {},
	"/office/messages/unconfirmed/{id}/unblocking":                          {},
	"/office/quotes/{number}/links/removal":                                 {},
	"/attachments/{id}/removal":                                             {at: "/attachments/ajob1fileofharbour0000000000001/removal"},
	"/office/contacts/invitations":                                          {fields: url.Values{"contact": {"8/none"}}},
	"/office/contacts/preview/end":                                          {},
	"/office/equipment/customer":                                            {fields: url.Values{"customer": {"C-1001"}}},
	"/office/first-steps":                                                   {},
	"/office/jobs/{number}/time/{entry}":                                    {at: "/office/jobs/J-1002/time/1", fields: url.Values{"version": {"1"}, "worked_on": {"2026-11-02"}, "hours": {"2"}, "staff": {"3"}}},
	"/office/jobs/{number}/time/{entry}/removal":                            {at: "/office/jobs/J-1002/time/1/removal", fields: url.Values{"version": {"1"}}},
	"/office/quotes/{number}/sending":                                       {at: "/office/quotes/Q-1001/sending", fields: url.Values{"version": {"1"}}},
	"/office/admin/webhooks/{webhook}/old-secret/removal":                   {},
	"/office/admin/import/{import}/undo":                                    {fields: url.Values{"version": {"1"}}},
	"/office/setup":                                                         {fields: url.Values{"trading_name": {"Other"}, "time_zone": {"Europe/Berlin"}, "locale": {"en-GB"}, "currency": {"EUR"}}},
}

// scripted are what only scripts send, to read a number or to try a password out.
var scripted = []string{
	"/quotes/estimate", "/office/account/password/strength", "/office/admin/portal/preview",
	"/details/emails/devices", "/details/passkeys", "/details/passkeys/challenge", "/office/account/passkeys", "/office/account/passkeys/challenge",
	"/office/customers/{number}/contacts/permissions", "/office/quotes/totals", "/office/quotes/{number}/totals",
}

// busy is a business in which most can be done: of each kind something is there,
// in the state in which it can be changed.
const busy = `
	update keeper_requests set state = 'waiting', answered_at = null;
	update jobs set status = 'booked', booked_from = '2031-05-06 01:00Z', booked_until = '2031-05-06 03:00Z' where id = 1;
	insert into visit_answers (job_id, customer_id, contact_id, suits, wishes, reason) values (1, 1, 1, false, '[{"on": "2031-05-09", "when": "afternoon"}]', 'A fair is on.');
	insert into jobs (customer_id, description, job_type_id, status, origin, created_by_contact_id, main_contact_id) values (1, 'Asked for', 1, 'new', 'portal', 1, 1);
	insert into quote_versions (customer_id, quote_id, number, name, description, net, tax, total) values (1, 1, 1, 'Replace unit 2', 'Replace rooftop unit 2', 100, 10, 110);
	insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total) select 1, id, 1, 'Unit', 1, 100, 'GST', 10, 100 from quote_versions where quote_id = 1;
	insert into emails (kind, rule, to_address, message_id, state, server_words, payload) values ('new-message', 'x', 'lee@demo.test', 'm1', 'failed', '550 no such user', '{}');
	insert into staff (name, email, role, state, archived_at) values ('Nia Fresh', 'nia@demo.test', 'office', 'invited', null), ('Gus Away', 'gus@demo.test', 'office', 'suspended', null), ('Vic Gone', 'vic@demo.test', 'office', 'suspended', now());
	insert into contacts (customer_id, name, email) values (1, 'On Record', 'record@demo.test');
	insert into attachments (public_id, customer_id, job_id, quote_id, equipment_id, name, kind, media_type, size, blob_key, customer_view, shared_at, shared_by_id, uploaded_by_staff_id, uploaded_by_contact_id, uploaded_at)
		select o.id || 'fileofharbour0000000000001', 1, o.job, o.quote, o.equipment, 'roof.txt', 'document', 'text/plain; charset=utf-8', 1, gen_random_uuid()::text, true, now(), 1, case when o.contact is null then 1 end, o.contact, now()
		from (values ('ajob1', 1, null, null, 1), ('aquot', null, 2, null, null), ('aequi', null, null, 1, null), ('acust', null, null, null, null)) o (id, job, quote, equipment, contact)`

// adasPages are pages of the busy office that no page of the samples leads to.
func adasPages() []string {
	ticked := func(of, file string) (pages []string) {
		for _, what := range []string{"captions", "document", "removal"} {
			pages = append(pages, of+"/attachments/"+what+"?ticked=1&attachment="+file+"fileofharbour0000000000001")
		}
		return pages
	}
	return slices.Concat(
		[]string{"/office/admin/staff/2", "/office/admin/staff/4", "/office/admin/staff/5", "/office/admin/staff/6"},
		ticked("/office/jobs/J-1001", "ajob1"), ticked("/office/quotes/Q-1002", "aquot"), ticked("/office/equipment/equipmentofharbour0000000000001", "aequi"), ticked("/office/customers/C-1001", "acust"))
}

// here is who is signed in as what, and which previews there are.
const here = `select coalesce(string_agg(concat_ws(' ', id, side, person_id, contact_id, staff_id, parent_id, downloaded_at), ', ' order by id), '') from sessions`

// TestShowingAFormAgainDoesNothing sends every form of every page, of texts and of
// mere buttons, when the session has ended, and shows it again: nothing in the
// database is another one then, nobody is signed out or looks at somebody else's,
// and the page says what became of it.
func TestShowingAFormAgainDoesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, home, login string
		policies          []string
		more              []string
		least             int
	}{
		{
			"ada", "/office", "/office/login", []string{"staff", "administrator"}, adasPages(), 100,
		},
		{"lee", "/", "/login", []string{"contact", "person"}, []string{"/jobs/J-1002/follow-up", "/jobs/J-1005/withdrawal"}, 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(busy)
			app.As(tt.name) // at another browser, too
			b := app.As(tt.name)
			deeds := pressable(t, app, b, tt.policies, tt.home, tt.more...)
			if tt.name == "ada" { // who looks at the portal as Lee, so that there is something to end
				b.Submit(b.Get(harbourContacts+"1"), "form[action$='/preview']", nil)
			}
			n := 0
			for _, pattern := range slices.Sorted(maps.Keys(deeds)) {
				for _, d := range deeds[pattern] {
					n++
					replay(t, app, b, tt.login, d)
				}
			}
			t.Logf("%d forms", n)
			if n < tt.least {
				t.Errorf("only %d forms were sent", n)
			}
		})
	}
}

// replay sends a form when the session of the browser has ended, and shows it again.
func replay(t *testing.T, app *apptest.App, b *apptest.Browser, login string, d deed) {
	t.Helper()
	state := func() string { return app.Written() + "\n" + apptest.Value[string](app, here) }
	app.Exec(`update sessions set seen_at = now() - interval '30 hours'`)
	var at apptest.Page
	if d.files {
		at = b.Upload(d.at, d.fields, apptest.File{Field: "files", Name: "kitchen.jpg", Content: []byte("a photo")})
	} else {
		at = b.Post(d.at, d.fields)
	}
	app.Exec(`update sessions set seen_at = now()`)
	next := at.URL.Query().Get("next")
	if at.URL.Path != login || !strings.Contains(next, "/unsent/") {
		t.Errorf("%s: the form of %s leads to %d at %s", d.page, d.at, at.Status, at.URL)
		return
	}
	before := state()
	shown := b.Get(next)
	if after := state(); after != before {
		t.Errorf("%s: showing the form of %s again, with %v, has written:\n%s\n%s", d.page, d.at, d.fields, before, after)
	}
	if words := shown.Text("main"); shown.Status >= http.StatusInternalServerError || !strings.Contains(words, "this was not sent") && !strings.Contains(words, "nothing was done") {
		t.Errorf("%s: the form of %s, with %v, is not told of: %d at %s: %s", d.page, d.at, d.fields, shown.Status, shown.URL, words)
	}
}
