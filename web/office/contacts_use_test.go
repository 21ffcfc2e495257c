package officeweb_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/access"
	officeview "fieldgate/templates/office"
	"fieldgate/web/apptest"
)

// users have come as far as each is called.
func users(app *apptest.App) {
	app.Exec(`insert into persons (email, password_hash, must_change_password, created_at) values
		('own@harbour.test', 'x', false, now()), ('away@harbour.test', 'x', false, now()), ('given@harbour.test', 'x', true, now()), ('lapsed@harbour.test', 'x', true, now() - interval '8 days')`)
	app.Exec(`insert into contacts (customer_id, name, email, access, person_id, invited_at, last_sign_in_at, archived_at)
		select 1, name, email, access, (select id from persons p where p.email = c.email and c.access <> 'none'), now() - invited, now() - seen, now() - archived
		from (values
			('Never', 'never@harbour.test', 'none', null::interval, null::interval, null::interval), ('No Address', '', 'none', null, null, null),
			('Lost', 'lost@harbour.test', 'invited', '2 days', null, null), ('Lost, sent again', 'again@harbour.test', 'invited', '2 days', null, null),
			('Late', 'late@harbour.test', 'invited', '9 days', null, null), ('Ended', 'ended@harbour.test', 'invited', '2 days', null, null),
			('Open', 'open@harbour.test', 'invited', '2 days', null, null), ('On its way', 'way@harbour.test', 'invited', '0 days', null, null),
			('Given', 'given@harbour.test', 'invited', '2 days', null, null), ('Lapsed', 'lapsed@harbour.test', 'invited', '8 days', null, null),
			('Here', 'own@harbour.test', 'active', '99 days', '89 days', null), ('Gone', 'away@harbour.test', 'active', '300 days', '91 days', null),
			('Suspended', 'shut@harbour.test', 'suspended', '300 days', '1 day', null), ('Archived', 'old@harbour.test', 'none', null, null, '1 day')
		) c (name, email, access, invited, seen, archived)`)
	app.Exec(`insert into links (purpose, contact_id, email, created_at, ended_at)
		select 'invitation', id, email, invited_at, case when name = 'Ended' then now() end from contacts where name in ('Lost', 'Lost, sent again', 'Late', 'Ended', 'Open', 'On its way')`)
	app.Exec(`insert into link_tokens (token_hash, link_id, expires_at)
		select sha256(l.id::text::bytea), l.id, l.created_at + interval '7 days' from links l join contacts c on c.id = l.contact_id where c.name <> 'On its way'`)
	app.Exec(`insert into emails (kind, rule, to_address, contact_id, customer_id, message_id, state, server_words, finished_at)
		select 'welcome', 'test', email, id, 1, 'm' || id, case when name like 'Lost%' then 'failed' else 'sent' end, case when name like 'Lost%' then '550 no such user' else '' end, now()
		from contacts where access = 'invited' order by id`)
	app.Exec(`insert into emails (kind, rule, to_address, contact_id, customer_id, message_id, state, again_of, finished_at)
		select kind, rule, to_address, contact_id, customer_id, 'again', 'sent', id, now() from emails where to_address = 'again@harbour.test'`)
}

func TestWhoUsesThePortal(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	app.Exec(`update contacts set archived_at = now()`)
	users(app)
	ben := app.As("ben")
	for _, c := range []struct {
		stage access.Stage
		want  []string
	}{
		{access.AnyStage, []string{"Ended", "Given", "Gone", "Here", "Lapsed", "Late", "Lost", "Lost, sent again", "Never", "No Address", "On its way", "Open"}},
		{access.NotInvited, []string{"Never", "No Address"}},
		{access.NotDelivered, []string{"Lost"}},
		{access.LinkExpired, []string{"Ended", "Lapsed", "Late"}},
		{access.Waiting, []string{"Given", "Lost, sent again", "On its way", "Open"}},
		{access.SignedIn, []string{"Here"}},
		{access.Away, []string{"Gone"}},
	} {
		p := ben.Get("/office/contacts/portal-use?stage=" + string(c.stage))
		var got []string
		for _, row := range p.Find("#results tbody tr").EachIter() {
			got = append(got, row.Find(".table__link").Text())
			if pill := row.Find(".pill").Text(); c.stage != access.AnyStage && pill != officeview.StageWords(c.stage) {
				t.Errorf("%q among those of %q", pill, c.stage)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.stage, got, c.want)
		}
	}
	lost := ben.Get("/office/contacts/portal-use?stage=not-delivered")
	if !lost.Has("550 no such user") || !strings.HasSuffix(lost.Find("td.actions a").AttrOr("href", ""), "/edit") {
		t.Errorf("what helps: %s", lost.Text("#results"))
	}
	if p := ben.Get("/office/contacts/portal-use.csv?stage=away"); !p.Has("Gone") || p.Has("Here") {
		t.Errorf("the file: %s", p.Body)
	}
}

func TestALinkThatExpiredIsSentAgainInOnePress(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	users(app)
	ben := app.As("ben")
	list := ben.Get("/office/contacts/portal-use?stage=expired&q=late")
	if n := list.Find("td.actions form").Length(); n != 1 {
		t.Fatalf("%d to send again: %s", n, list.Text("#results"))
	}
	done := ben.Submit(list, "td.actions form", url.Values{})
	if !done.Has("1 invitation is on its way.") || done.URL.Path != "/office/contacts/portal-use" || !done.Has("Nobody here") {
		t.Errorf("at %s: %s", done.URL, done.Text("main"))
	}
	if p := ben.Get("/office/contacts/portal-use?stage=waiting&q=late"); !p.Has("Late") {
		t.Errorf("afterwards: %s", p.Text("#results"))
	}
	// All of a page are asked about first.
	all := ben.Get("/office/contacts/portal-use?stage=not-invited&q=never")
	if ask := ben.Get(all.Find(".tick-bar a").AttrOr("href", "/nowhere")); !ask.Has("Invite 1 contact?") {
		t.Errorf("asked: %s", ask.Text("main"))
	}
}

func TestHowContactsAnswer(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ben := app.As("ben")
	app.Exec(`insert into messages (customer_id, job_id, text, contact_id, at) select 1, (select min(id) from jobs where customer_id = 1), 'Hello', 1, now() - d from (values (interval '1 day'), ('2 days'), ('400 days')) v (d)`)
	app.Exec(`insert into quote_versions (customer_id, quote_id, number) select 1, (select min(id) from quotes where customer_id = 1), 90 + n from generate_series(1, 3) n`)
	app.Exec(`insert into acceptances (customer_id, version_id, contact_id, decision, full_name, way, recorded_by_id, recorded_at)
		select 1, id, 2, 'declined', 'Kim', case number when 91 then 'phone' when 92 then 'letter' else 'email' end, 1, now() from quote_versions where number > 90`)
	for query, want := range map[string][]string{"answers=portal": {"Lee Nakamura"}, "answers=phone": {"Kim"}, "answers=email": {"Kim"}} {
		p := ben.Get("/office/contacts/portal-use?" + query)
		rows := p.Find("#results tbody tr")
		if rows.Length() != len(want) || !strings.HasPrefix(rows.Find(".table__link").Text(), want[0]) {
			t.Errorf("%s: %s, want %s", query, rows.Text(), want)
		}
	}
	p := ben.Get("/office/contacts/portal-use")
	if !p.Has("Portal 2") || !p.Has("Email 1 · Phone 2") {
		t.Errorf("counted: %s", p.Text("#results"))
	}
}
