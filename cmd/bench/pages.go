package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"fieldgate/demo"
	"fieldgate/internal/signin"
)

// page is something that is asked for.
type page struct {
	name   string
	who    string // of people; "" for nobody
	path   string
	reads  int64   // so many buffers its statements may read, instead of readMost
	most   float64 // so many times the bare handler's CPU time is what it may cost; 0: not said
	status int     // 200 when 0
	plain  bool    // asked for as the bare handler's, whose page is not packed
	writes bool    // something is written before each request, after which nothing may be taken for known
	uses   *uses   // of a page that uses something up
}

// uses is what there is of something that each request uses one of.
type uses struct {
	next  atomic.Int64
	offer []offer
	times int // how often each can be used
}

// offer is a form to send, as somebody.
type offer struct {
	visitor
	path   string
	fields url.Values
	photo  []byte
}

// people are those with a session, by the names of the generated business, and
// what is asked of them.
type people struct {
	visitors map[string]visitor
	pages    []*page
	changes  []*page // that write
}

// request makes the next request for the page; nil if there is none left.
func (p *page) request(ctx context.Context, t *target) (*http.Request, error) {
	if p.uses == nil {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url+p.path, nil)
		if err == nil && p.who != "" {
			r.Header.Set("Cookie", t.people.visitors[p.who].cookie)
		}
		return r, err
	}
	n := int(p.uses.next.Add(1) - 1)
	if n >= len(p.uses.offer)*p.uses.times {
		return nil, nil //nolint:nilnil // that is the end
	}
	o := p.uses.offer[n%len(p.uses.offer)]
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range o.fields {
		if err := w.WriteField(name, values[0]); err != nil {
			return nil, err
		}
	}
	if err := w.WriteField("nonce", rand.Text()); err != nil {
		return nil, err
	}
	if o.photo != nil {
		part, err := w.CreateFormFile("files", "IMG_1.jpg")
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(o.photo); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	kind, content := w.FormDataContentType(), io.Reader(&body)
	if o.photo == nil { // as a form without files is sent
		kind, content = "application/x-www-form-urlencoded", strings.NewReader(withNonce(o.fields).Encode())
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+o.path, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Origin", t.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", o.cookie)
	return r, nil
}

func withNonce(fields url.Values) url.Values {
	all := url.Values{"nonce": {rand.Text()}}
	for name, values := range fields {
		all[name] = values
	}
	return all
}

// meet signs people in and finds what they look at.
func (t *target) meet(ctx context.Context) error {
	t.people.visitors = map[string]visitor{}
	for _, p := range demo.Generated {
		name, _, _ := strings.Cut(p.Email, "@")
		side := signin.Portal
		switch {
		case p.Side == demo.Office:
			side = signin.Office
		case name == "max" || name == "sam": // cannot get in; has to choose
			continue
		}
		v, err := t.beginSession(ctx, side, p.Email)
		if err != nil {
			return err
		}
		t.people.visitors[name] = v
	}
	var err error
	if t.people.pages, err = t.look(ctx); err != nil {
		return err
	}
	t.people.changes, err = t.changes(ctx)
	return err
}

// middlingWord is in one of thirty jobs: too many for an index of words to gather,
// too few to fill a page soon.
const middlingWord = "tile"

// look is what is looked at: in the portal as the contact who sees all jobs of
// the largest customer, the lists also as those who see few of them, and in the
// office.
func (t *target) look(ctx context.Context) ([]*page, error) {
	var number, finished, quoted, thumb, manual, customer string
	var site int64
	for sql, into := range map[string]*string{
		"select j.number from jobs j join attachments a on a.job_id = j.id and a.customer_view and a.kind = 'photo' where j.customer_id = 1 order by j.status in ('booked', 'in progress', 'completed') desc, j.id desc limit 1": &number,
		"select number from jobs where customer_id = 1 and status = 'closed' order by id limit 1":                                                                                                                                &finished,
		"select number from quotes where customer_id = 1 and sent_version is not null order by id desc limit 1":                                                                                                                  &quoted,
		"select public_id from attachments where customer_id = 1 and customer_view and kind = 'photo' order by id desc limit 1":                                                                                                  &thumb,
		"select public_id from attachments where customer_id = 1 and name = 'Operating manual.pdf'":                                                                                                                              &manual,
		"select number from customers where id = 1": &customer,
	} {
		var err error
		if *into, err = one[string](ctx, t.db, sql); err != nil {
			return nil, err
		}
	}
	site, err := one[int64](ctx, t.db, "select site_id from jobs where customer_id = 1 group by 1 order by count(*) desc, 1 limit 1")
	if err != nil {
		return nil, err
	}
	deep, err := t.deep(ctx, "lee", "/jobs", 20)
	if err != nil {
		return nil, err
	}
	officeDeep, err := t.deep(ctx, "ben", "/office/jobs", 20)
	if err != nil {
		return nil, err
	}
	q := func(path, words string) string { return path + "?q=" + url.QueryEscape(words) }
	return []*page{
		{name: "sign-in page", path: "/login"},
		{name: "home", who: "lee", path: "/", reads: homeReads, most: 3},
		{name: "home, not packed", who: "lee", path: "/", plain: true, reads: homeReads, most: 3},
		{name: "jobs", who: "lee", path: "/jobs", most: 2},
		{name: "jobs, not packed", who: "lee", path: "/jobs", plain: true, most: 2},
		{name: "jobs, page 20", who: "lee", path: deep, most: 2},
		{name: "jobs of a site", who: "lee", path: fmt.Sprintf("/jobs?site=%d", site), most: 2},
		{name: "jobs, finished", who: "lee", path: "/jobs?status=finished", most: 2},
		{name: "jobs, a common word", who: "lee", path: q("/jobs", demo.CommonWord), most: 4},
		{name: "jobs, a middling word", who: "lee", path: q("/jobs", middlingWord), most: 4},
		{name: "jobs, a rare word", who: "lee", path: q("/jobs", demo.RareWord), most: 4},
		{name: "jobs, a number", who: "lee", path: q("/jobs", finished), most: 4},
		{name: "a job", who: "lee", path: "/jobs/" + number, most: 2},
		{name: "quotes", who: "lee", path: "/quotes", reads: homeReads, most: 2},
		{name: "a quote", who: "lee", path: "/quotes/" + quoted, most: 2},
		{name: "equipment", who: "lee", path: "/equipment", most: 2},
		{name: "details", who: "lee", path: "/details", most: 2},
		{name: "New Job", who: "lee", path: "/jobs/new"},
		{name: "a thumbnail", who: "lee", path: "/attachments/" + thumb + "/thumb"},
		{name: "a file of 5 MB", who: "lee", path: "/attachments/" + manual},
		{name: "home, own jobs", who: "kim", path: "/", reads: homeReads, most: 3},
		{name: "jobs, own jobs", who: "kim", path: "/jobs", most: 2},
		{name: "home, few sites", who: "rae", path: "/", reads: homeReads, most: 3},
		{name: "jobs, few sites", who: "rae", path: "/jobs", most: 2},
		{name: "home, a small customer", who: "ola", path: "/", reads: homeReads, most: 3},
		{name: "jobs, a small customer", who: "ola", path: "/jobs", most: 2},
		{name: "quotes, a small customer", who: "ola", path: "/quotes", most: 2},
		{name: "equipment, a small customer", who: "ola", path: "/equipment", most: 2},
		{name: "details, a small customer", who: "ola", path: "/details", most: 2},
		{name: "office: home", who: "ada", path: "/office", most: 4},
		{name: "office: jobs", who: "ada", path: "/office/jobs", most: 4},
		{name: "office: jobs, after a write", who: "ada", path: "/office/jobs", writes: true, most: 4},
		{name: "office: jobs, page 20", who: "ada", path: officeDeep, most: 4},
		{name: "office: jobs, a common word", who: "ada", path: q("/office/jobs", demo.CommonWord), most: 4},
		{name: "office: jobs, a middling word", who: "ada", path: q("/office/jobs", middlingWord), most: 4},
		{name: "office: quotes", who: "ada", path: "/office/quotes", most: 4},
		{name: "office: customers", who: "ada", path: "/office/customers", most: 4},
		{name: "office: contacts", who: "ada", path: "/office/contacts", most: 4},
		{name: "office: equipment", who: "ada", path: "/office/equipment", most: 4},
		{name: "office: messages", who: "ada", path: "/office/messages", most: 4},
		{name: "office: quotes, a common word", who: "ada", path: q("/office/quotes", "unit"), most: 4},
		{name: "office: customers, a common word", who: "ada", path: q("/office/customers", "street"), most: 4},
		{name: "office: contacts, a common word", who: "ada", path: q("/office/contacts", "manager"), most: 4},
		{name: "office: equipment, a common word", who: "ada", path: q("/office/equipment", demo.CommonWord), most: 4},
		{name: "office: messages, a common word", who: "ada", path: q("/office/messages", "thanks"), most: 4},
		{name: "office: messages, a middling word", who: "ada", path: q("/office/messages", middlingWord), most: 4},
		{name: "office: email", who: "ada", path: "/office/email", most: 4},
		{name: "office: email, a common word", who: "ada", path: q("/office/email", "booked"), reads: searchReads, most: 4},
		{name: "office: a job", who: "ada", path: "/office/jobs/" + number, most: 4},
		{name: "office: the largest customer", who: "ada", path: "/office/customers/" + customer, most: 4},
		{name: "office: search, a common word", who: "ada", path: q("/office/search", demo.CommonWord), most: 8},
		{name: "office: search, a rare word", who: "ada", path: q("/office/search", demo.RareWord), most: 8},
		{name: "office: search, a number", who: "ada", path: q("/office/search", number), most: 8, status: http.StatusSeeOther},
	}, nil
}

var nextPage = regexp.MustCompile(`<a [^>]*href="([^"]+)"[^>]*rel="next"`)

// deep follows a list's link to the next page.
func (t *target) deep(ctx context.Context, who, path string, pages int) (string, error) {
	for range pages - 1 {
		r, err := (&page{who: who, path: path}).request(ctx, t)
		if err != nil {
			return "", err
		}
		answer, err := t.client.Do(r)
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return "", err
		}
		next := nextPage.FindSubmatch(text)
		if next == nil {
			break // a short list
		}
		path = strings.ReplaceAll(string(next[1]), "&amp;", "&")
	}
	return path, nil
}

// userAgent is how the bench names itself, by which its answers to quotes are found.
const userAgent = "fieldgate-bench"

// What a contact may ask for within an hour is limited; the bench stays below.
const requestsEach = 18

// changes are forms that many contacts send: new jobs, with and without a photo,
// and quotes that are accepted.
func (t *target) changes(ctx context.Context) ([]*page, error) {
	photo, err := photograph()
	if err != nil {
		return nil, err
	}
	type row struct {
		Email               string
		Contact, Site, Type int64
		Number              string
		Version             int64
	}
	rows := func(sql string) ([]row, error) {
		found, err := t.db.Query(ctx, sql)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(found, pgx.RowToStructByPos[row])
	}
	askers, err := rows(`
		select p.email, c.id, (select id from sites where customer_id = c.customer_id order by id limit 1), (select min(id) from job_types where active), '', 0::bigint
		from contacts c join persons p on p.id = c.person_id join customers u on u.id = c.customer_id
		where c.access = 'active' and c.jobs_create and c.all_sites and not u.on_hold and u.archived_at is null and (select count(*) from contacts where person_id = p.id) = 1
		order by c.customer_id % 97, c.id limit 400`)
	if err != nil {
		return nil, err
	}
	answers, err := rows(`
		select distinct on (q.id) p.email, c.id, 0::bigint, 0::bigint, q.number, q.sent_version::bigint
		from quotes q join contacts c on c.customer_id = q.customer_id and c.access = 'active' and c.quotes_accept and c.quotes_see = 'all' and c.all_sites join persons p on p.id = c.person_id
		where q.status = 'sent' and q.valid_until >= business_day() and (select count(*) from contacts where person_id = p.id) = 1
		order by q.id desc, c.id limit 400`)
	if err != nil {
		return nil, err
	}
	sessions := map[string]visitor{}
	as := func(email string) (v visitor, err error) {
		v, ok := sessions[email]
		if !ok {
			v, err = t.beginSession(ctx, signin.Portal, email)
			sessions[email] = v
		}
		return v, err
	}
	plain, pictured, accepted := &uses{times: requestsEach * 3 / 4}, &uses{times: requestsEach / 4}, &uses{times: 1}
	for _, r := range askers {
		v, err := as(r.Email)
		if err != nil {
			return nil, err
		}
		o := offer{visitor: v, path: "/jobs", fields: url.Values{
			"contact": {fmt.Sprint(v.contact)}, "type": {fmt.Sprint(r.Type)}, "site": {fmt.Sprint(r.Site)}, "purchase_order": {"PO 4711"}, "description": {"The fan of the unit in the plant room is louder than it was last week."},
		}}
		plain.offer = append(plain.offer, o)
		o.photo = photo
		pictured.offer = append(pictured.offer, o)
	}
	for _, r := range answers {
		v, err := as(r.Email)
		if err != nil {
			return nil, err
		}
		accepted.offer = append(accepted.offer, offer{visitor: v, path: "/quotes/" + r.Number + "/acceptance", fields: url.Values{
			"contact": {fmt.Sprint(v.contact)}, "shown": {fmt.Sprint(r.Version)}, "full_name": {"Lee Nakamura"}, "purchase_order": {"PO 4711"}, "terms": {"yes"},
		}})
	}
	return []*page{
		{name: "creating a job", uses: plain, status: http.StatusSeeOther},
		{name: "creating a job with a photo", uses: pictured, status: http.StatusSeeOther},
		{name: "accepting a quote", uses: accepted, status: http.StatusSeeOther},
	}, nil
}

// photograph is a picture of two megapixels, as a phone sends when it is asked for a small one.
func photograph() ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for y := range 1200 {
		for x := range 1600 {
			m.SetRGBA(x, y, color.RGBA{uint8(x * y >> 7), uint8(x>>2 ^ y>>3), uint8(y >> 2), 255})
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 80})
	return b.Bytes(), err
}

// undo takes back what the forms did, so that the business stays as it was
// generated: only what people send has a nonce, which generated rows lack. What is
// left of deleted rows is swept up, as autovacuum would in the meantime: else the
// next run measures lists that stumble over it.
func (t *target) undo(ctx context.Context) error {
	var taken int64
	err := pgx.BeginFunc(ctx, t.db, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"create temp table made on commit drop as select id from jobs where nonce is not null",
			"create temp table answered on commit drop as select a.id, v.quote_id from acceptances a join quote_versions v on v.id = a.version_id where a.browser = '" + userAgent + "'",
			"delete from emails where job_id in (select id from made) or quote_id in (select quote_id from answered)",
			"delete from seen_files where job_id in (select id from made)",
			"delete from attachments where job_id in (select id from made)",
			"delete from job_statuses where job_id in (select id from made)",
			"delete from job_equipment where job_id in (select id from made)",
			"delete from jobs where id in (select id from made)",
			"delete from acceptances where id in (select id from answered)",
			"update quotes set status = 'sent', purchase_order = '' where id in (select quote_id from answered)",
		} {
			tag, err := tx.Exec(ctx, sql)
			if err != nil {
				return fmt.Errorf("take back what was sent: %s: %w", sql, err)
			}
			taken += tag.RowsAffected()
		}
		return nil
	})
	if err != nil || taken == 0 {
		return err
	}
	if _, err := t.db.Exec(ctx, "vacuum (index_cleanup on) emails, attachments, job_statuses, jobs, acceptances, quotes, sessions"); err != nil {
		return fmt.Errorf("sweep up what was taken back: %w", err)
	}
	return nil
}
