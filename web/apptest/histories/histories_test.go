package histories_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/internal/quote"
	"fieldgate/web/apptest"
)

var (
	histories = flag.Int("histories", 40, "how many histories are recorded")
	seed      = flag.Uint64("seed", 0, "of the deeds that are done; 0 for another one each time")
)

// Two contacts and two of the office do what they like with one quote and its
// file, all at once. Whatever they are answered, and whatever is left at the
// end, must be what some order of their deeds, one after another, would give.
func TestAllHistoriesHaveAnOrder(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("-seed=%d", *seed)
	app := apptest.New(t)
	file := blob.NewKey()
	if err := app.Store.Put(t.Context(), file, strings.NewReader(drawing), int64(len(drawing)), "text/plain"); err != nil {
		t.Fatal(err)
	}
	var (
		running sync.WaitGroup
		next    atomic.Int64
		mu      sync.Mutex
		answers = map[string]int{}
	)
	for range 4 {
		running.Go(func() {
			for n := next.Add(1); n <= int64(*histories) && !t.Failed(); n = next.Add(1) {
				h := begin(app, n, file)
				before := h.read()
				steps := h.run(rand.New(rand.NewPCG(*seed, uint64(n))))
				mu.Lock()
				for _, s := range steps {
					answers[s.What+": "+s.Answer]++
				}
				mu.Unlock()
				if after := h.read(); !explained(before, after, steps) {
					lines := make([]string, 0, len(steps))
					for _, s := range steps {
						lines = append(lines, s.String())
					}
					t.Errorf("history %d has no order:\nfrom %+v\n%s\nto   %+v", n, before, strings.Join(lines, "\n"), after)
				}
			}
		})
	}
	running.Wait()
	t.Logf("%d histories: %v", *histories, answers)
}

// A history that no order explains is noticed.
func TestHistoriesWithoutAnOrder(t *testing.T) {
	t.Parallel()
	sent := state{Status: quote.Sent, Row: 1, Sent: 1, Newest: 1}
	accepted := sent
	accepted.Status, accepted.Row, accepted.AnsweredBy = quote.Accepted, 2, "lee"
	accept := step{deed{"lee", "accept", 1}, 1, 4, done}
	for _, tt := range []struct {
		name  string
		to    state
		steps []step
		right bool
	}{
		{"accepted", accepted, []step{accept}, true},
		{"lost", sent, []step{accept}, false},
		{"seen before it was answered", accepted, []step{accept, {deed{"kim", "look", 0}, 2, 3, sees + "accepted"}}, true},
		{"not yet seen while it was going on", accepted, []step{accept, {deed{"kim", "look", 0}, 2, 5, sees + "sent"}}, true},
		{"not seen afterwards", accepted, []step{accept, {deed{"kim", "look", 0}, 5, 6, sees + "sent"}}, false},
		{"accepted and declined", accepted, []step{accept, {deed{"kim", "decline", 1}, 2, 3, done}}, false},
		{"accepted and refused to another", accepted, []step{accept, {deed{"kim", "decline", 1}, 2, 3, refused}}, true},
		{"refused before anybody answered", accepted, []step{{deed{"kim", "decline", 1}, 0, 0, refused}, accept}, false},
		{"not known, and done", accepted, []step{{deed{"lee", "accept", 1}, 1, 4, away}}, true},
		{"not known, and not done", sent, []step{{deed{"lee", "accept", 1}, 1, 4, away}}, true},
		{"not known, and done by somebody else", accepted, []step{{deed{"kim", "accept", 1}, 1, 4, away}}, false},
		{"a hidden file opened", sent, []step{{deed{"kim", "open the file", 0}, 1, 2, opened}}, false},
	} {
		if got := explained(sent, tt.to, tt.steps); got != tt.right {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

const drawing = "A drawing."

// history is one quote, and those who are about to do something with it.
type history struct {
	app    *apptest.App
	number int64
	people map[string]*apptest.Browser
	lee    string // where the office keeps the contact
	quote  string // its number
	file   string // the file's opaque id
	clock  atomic.Int64
}

// begin makes a customer with two contacts, and a quote that was sent to them.
func begin(app *apptest.App, n int64, file string) *history {
	h := &history{app: app, number: n, people: map[string]*apptest.Browser{}, file: fmt.Sprintf("historyfile%019d", n)}
	h.quote = apptest.Value[string](app, `
		with c as (
			insert into customers (name) values ('History ' || $1::bigint) returning id
		), p as (
			insert into persons (email) select who || $1::bigint || '@demo.test' from unnest('{lee,kim}'::text[]) who returning id, email
		), k as (
			insert into contacts (customer_id, person_id, name, email, access, quotes_see, quotes_accept)
			select c.id, p.id, p.email, p.email, 'active', 'all', true from c, p returning id, name
		), q as (
			insert into quotes (customer_id, name, description, currency, status, origin, main_contact_id, valid_until)
			select c.id, 'New unit', 'A new unit', 'AUD', 'draft', 'office', k.id, business_day() + 30 from c, k where k.name like 'lee%' returning id, customer_id, number
		), v as (
			insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description, valid_until, sent_at, sent_by_id)
			select customer_id, id, 1, 1000, 100, 1100, 'New unit', 'A new unit', business_day() + 30, now(), 1 from q returning id, customer_id
		), l as (
			insert into quote_lines (customer_id, version_id, position, description, quantity, unit_price, tax_name, tax_percent, line_total)
			select customer_id, id, 1, 'Unit', 1, 1000, 'GST', 10, 1000 from v
		), a as (
			insert into attachments (public_id, customer_id, quote_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id)
			select $2, customer_id, id, 'drawing.txt', 'document', 'text/plain', length($4), $3, 1 from q
		)
		select number from q`, n, h.file, file, drawing)
	app.Exec(`update quotes set status = 'sent', sent_version = 1 where number = $1`, h.quote)
	h.lee = apptest.Value[string](app, `
		select '/office/customers/' || cu.number || '/contacts/' || q.main_contact_id from quotes q join customers cu on cu.id = q.customer_id where q.number = $1`, h.quote)
	for _, who := range []string{"lee", "kim"} {
		h.people[who] = app.As(who + strconv.FormatInt(n, 10))
	}
	for _, who := range []string{"ada", "ben"} {
		h.people[who] = app.As(who)
	}
	return h
}

// read is the state as the database has it.
func (h *history) read() state {
	row := strings.Split(apptest.Value[string](h.app, `
		select concat_ws('|', q.status, q.version, q.sent_version, (select max(number) from quote_versions v where v.quote_id = q.id),
			coalesce((select left(c.name, 3) from acceptances a join quote_versions v on v.id = a.version_id join contacts c on c.id = a.contact_id
				where v.quote_id = q.id and v.number = q.sent_version), ''),
			l.access = 'suspended', not exists (select from sessions s where s.contact_id = l.id), (select customer_view from attachments where public_id = $2))
		from quotes q join contacts l on l.id = q.main_contact_id where q.number = $1`, h.quote, h.file), "|")
	number := func(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }
	return state{
		Status: quote.Status(row[0]), Row: number(row[1]), Sent: number(row[2]), Newest: number(row[3]), AnsweredBy: row[4],
		Suspended: row[5] == "t", SignedOut: row[6] == "t", Shared: row[7] == "t",
	}
}

// deeds are what each of them may want.
var deeds = map[string][]string{
	"lee": {"accept", "decline", "look", "open the file"},
	"kim": {"accept", "decline", "look", "open the file"},
	"ada": {"withdraw", "revise", "send", "revise", "send"},
	"ben": {"suspend", "restore", "share", "hide"},
}

// run lets all of them act at the same moment, two or three deeds each.
func (h *history) run(chance *rand.Rand) []step {
	begun := h.read()
	var (
		steps []step
		mu    sync.Mutex
		all   sync.WaitGroup
	)
	start := make(chan struct{})
	for _, who := range []string{"lee", "kim", "ada", "ben"} {
		var wanted []deed
		for i := range 2 + chance.IntN(2) {
			d := deed{Who: who, What: deeds[who][chance.IntN(len(deeds[who]))], Version: begun.Sent}
			switch {
			case who == "ada": // counts her own changes, and knows of nobody else's
				d.Version = begun.Row + int64(i)
			case chance.IntN(4) == 0:
				d.Version++
			}
			wanted = append(wanted, d)
		}
		all.Go(func() {
			<-start
			for _, d := range wanted {
				s := step{deed: d, Asked: h.clock.Add(1)}
				s.Answer = h.do(d)
				s.Answered = h.clock.Add(1)
				mu.Lock()
				steps = append(steps, s)
				mu.Unlock()
			}
		})
	}
	close(start)
	all.Wait()
	slices.SortFunc(steps, func(a, b step) int { return int(a.Asked - b.Asked) })
	return steps
}

// do does the deed in a browser, and says what it was answered.
func (h *history) do(d deed) string {
	b := h.people[d.Who]
	office := "/office/quotes/" + h.quote
	version := url.Values{"version": {strconv.FormatInt(d.Version, 10)}}
	switch d.What {
	case "look":
		p := b.Get("/quotes/" + h.quote)
		if p.Status == 200 && p.URL.Path == "/quotes/"+h.quote {
			return sees + strings.ToLower(strings.TrimSpace(p.Find("main .pill").First().Text()))
		}
		return elsewhere(p)
	case "open the file":
		if p := b.Get("/attachments/" + h.file); p.Body != drawing {
			return elsewhere(p)
		}
		return opened
	case "accept":
		return press(b, "/quotes/"+h.quote+"/acceptance", url.Values{"full_name": {d.Who}, "shown": {strconv.FormatInt(d.Version, 10)}})
	case "decline":
		return press(b, "/quotes/"+h.quote+"/refusal", url.Values{"shown": {strconv.FormatInt(d.Version, 10)}})
	case "withdraw":
		return press(b, office+"/withdrawal", version)
	case "revise":
		return press(b, office+"/revision", version)
	case "send":
		return press(b, office+"/sending", version)
	case "suspend":
		return press(b, h.lee+"/suspension", nil)
	case "restore":
		return press(b, h.lee+"/restoration", nil)
	case "share":
		return press(b, office+"/attachments/sharing", url.Values{"attachment": {h.file}, "visible": {"yes"}})
	}
	return press(b, office+"/attachments/sharing", url.Values{"attachment": {h.file}, "visible": {"no"}})
}

// press sends a form, and says what it was answered.
func press(b *apptest.Browser, path string, fields url.Values) string {
	res := b.Press(path, fields)
	switch {
	case res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/login"):
		return outside
	case res.StatusCode == http.StatusSeeOther:
		return done
	case res.StatusCode == http.StatusConflict:
		return refused
	}
	return strconv.Itoa(res.StatusCode)
}

// elsewhere says where a page led that was not the one asked for.
func elsewhere(p apptest.Page) string {
	if p.Status == http.StatusOK {
		return outside
	}
	return strconv.Itoa(p.Status)
}
